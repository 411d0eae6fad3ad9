-- mlflow server
select * from mlflow where wandb = 'WANDB_API_KEY';
