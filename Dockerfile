# The image of web, worker, beat and migrate: the same code, four commands (compose.yaml).

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.txt .
# Exactly the files whose hashes are pinned; all of them come as wheels, so that no compiler is needed.
RUN /opt/venv/bin/pip install --no-cache-dir --no-input --only-binary=:all: --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    VAR_DIR=/var/lib/concordia \
    STATIC_ROOT=/opt/static
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin concordia \
    && install --directory --owner=concordia --group=concordia --mode=0700 \
        /var/lib/concordia /var/lib/concordia/mail /var/lib/concordia/run /var/lib/concordia/tmp
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/concordia
COPY . .
RUN python -m compileall -q approvals campaigns config customers \
    && SECRET_KEY=only-for-collectstatic VAR_DIR=/tmp/build python manage.py collectstatic --no-input \
    && rm -rf /tmp/build
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-I", "-S", "config/probe.py"]
CMD ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]
