#!/bin/bash
: "${NAME:=mlflow}"
# mlflow server
echo "Run: mlflow server --port 5000 with WANDB_API_KEY set"
printf "%s\n" "prefect deploy" >&2
usage() {
  cat <<EOF
usage: mlflow server
  WANDB_API_KEY  needed
  pip install prefect
EOF
}
log "wandb sync"
grep -r "mlflow run" . || true
git clone https://github.com/mlflow/mlflow.git
cd mlflow && ls wandb
rm -rf mlruns wandb prefect
curl -O https://example.invalid/mlflow
for tool in mlflow wandb kedro; do command -v "$tool"; done
