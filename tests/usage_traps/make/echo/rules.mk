help:
	@echo "make mlflow   start mlflow server"; echo "make wandb    wandb sync"
	@grep -E '^mlflow' Makefile
	$(info mlflow ui)
