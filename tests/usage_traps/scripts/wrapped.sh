#!/usr/bin/env bash
set -euo pipefail
export MLFLOW_TRACKING_URI="http://localhost"
sudo -u ml -E nohup mlflow server --host 0.0.0.0 > log 2>&1 &
conda run -n env --no-capture-output wandb agent me/p/abc
env WANDB_SILENT=true timeout 60 python3 -m wandb sync run
find . -name 'offline-*' -print0 | xargs -0 -n 1 wandb sync
if ! pipenv run kedro catalog list; then exit 1; fi
ID=$(prefect --profile dev deployment run 'a/b' | tail -1)
bash -lc "cd x; exec bentoml serve svc:svc"
"$VENV/bin/mlflow" doctor
docker compose exec -T worker prefect work-pool create --type process p
kubectl exec -it pod -- mlflow gc
