cat > settings.py <<EOF
import mlflow
mlflow.set_experiment("$NAME")
EOF
cat <<'EOF' >> .env
# WANDB_MODE
WANDB_PROJECT=demo
EOF
ssh host <<EOF
  prefect agent start -q q
EOF
python -c "
import wandb
wandb.login()
"
bash <<-'X'
	kedro viz build
	X
echo "WANDB_ENTITY=me" >> .env
