#!/bin/sh
# What the check from inside says of well-kept packages, each at one version: no part of CI. Every finding at warning or error was
# read on 2026-11-30 (docs/guides/check-source.md has what came of it); whoever changes a rule looks at what is new.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for package in \
  flask-login==0.6.3 \
  apache-superset==6.1.0 \
  calibreweb==0.6.27 \
  celery==5.7.0 \
  django==5.2.19 \
  django-allauth==65.22.1 \
  django-cms==5.1.3 \
  django-oscar==4.2.1 \
  djangorestframework==3.18.3 \
  fastapi==0.165.0 \
  flask==3.1.3 \
  flask-admin==2.2.1 \
  flask-appbuilder==5.3.0 \
  flask-limiter==4.1.1 \
  flask-restx==1.3.2 \
  flask-security-too==5.9.2 \
  flask-wtf==1.3.0 \
  gunicorn==27.0.1 \
  httpx==0.28.1 \
  indico==3.2.9 \
  jinja2==3.1.6 \
  jupyter-server==2.21.1 \
  lektor==3.3.14 \
  locust==2.47.0 \
  mezzanine==6.1.1 \
  pretix==2026.8.0 \
  requests==2.34.2 \
  sentry-sdk==2.75.0 \
  starlette==1.10.0 \
  wagtail==8.0.1 \
  werkzeug==3.1.9 \
  octoprint==1.11.8 \
  weblate==5.14.3 \
  ckan==2.12.0 \
  mlflow-skinny==3.17.2 \
  dash==4.4.1 \
  flask-cors==6.0.5 \
  flask-session==0.8.0 \
  django-debug-toolbar==8.0.0 \
  django-filer==3.6.0 \
  nautobot==3.2.7 \
  trytond==8.2.1 \
  isso==0.13.0 \
  searxng==0.1.2 \
  kinto==26.5.0 \
  datasette==0.65.5 \
  aiohttp==3.14.5 \
  bottle==0.13.4 \
  pyramid==2.1 \
  mailman-web==0.0.9 \
  hyperkitty==1.3.12 \
  postorius==1.3.13; do
  name=${package%%=*}
  pip download -q --no-deps --only-binary :all: -d "$folder/$name" "$package"
  mkdir "$folder/$name/files"
  unzip -q -o "$folder/$name"/*.whl -d "$folder/$name/files"
  (cd "$here" && node --conditions=bulwark-source bench/check/say-findings.ts "$folder/$name/files" "$name")
done
