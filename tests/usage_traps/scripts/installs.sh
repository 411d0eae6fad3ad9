pip install -U pip -r mlflow.txt 'evidently[spark]~=0.4'
pip3 install --target mlflow pandas
poetry add --group dev kedro@^0.19
conda install -y -n prefect -c conda-forge mlflow=2.1
conda create -n mlflow python=3.11
pipx install prefect==3.1
uv add kedro-datasets wandb --extra mlflow
pip install git+https://github.com/mlflow/mlflow.git@main
pip install mlflow-export-import prefect_modal ./wandb
pip download wandb
pip install "our-lib @ git+https://github.com/me/mlflow"
