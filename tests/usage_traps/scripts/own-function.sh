#!/bin/sh
mlflow() {
  docker run --rm our/tracker "$@"
}
mlflow server
./wandb sync
docker run --rm prefect deploy
docker-compose run prefect pytest
docker exec mlflow bash
ssh mlflow ls
systemctl restart mlflow
