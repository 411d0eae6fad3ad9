zenml integration install mlflow wandb -y
zenml experiment-tracker register tracker -f mlflow
zenml stack register wandb -o default
zenml pipeline run mlflow
echo zenml integration install mlflow
