FROM python:3.11
SHELL ["/bin/bash", "-c"]
RUN <<EOF
python -m pip install "bentoml[io]"
bentoml build
EOF
HEALTHCHECK --interval=5s CMD bentoml list || exit 1
CMD exec bentoml serve service:svc --port $PORT
