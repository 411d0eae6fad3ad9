cd flows
python train_flow.py show
python -u flows/train_flow.py --with kubernetes:cpu=4 --package-suffixes .csv,.txt argo-workflows create
./flows/train_flow.py resume --origin-run-id 7
python other.py run
python flows/other.py run
metaflow configure aws
