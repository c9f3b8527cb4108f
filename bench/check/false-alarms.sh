#!/bin/sh
# What the check from inside says of well-kept projects of three sources, each at one version: no part of CI. Every finding at
# warning or error was read on 2026-11-30 (docs/checks-false-alarms.md); whoever changes a rule looks at what is new.
# usage: bench/check/false-alarms.sh [pypi] [npm] [debian] [debian-sources]; Debian's are what apt has, of Debian 12.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
PYPI="
  flask-login==0.6.3
  apache-superset==6.1.0
  calibreweb==0.6.27
  celery==5.7.0
  django==5.2.19
  django-allauth==65.22.1
  django-cms==5.1.3
  django-oscar==4.2.1
  djangorestframework==3.18.3
  fastapi==0.165.0
  flask==3.1.3
  flask-admin==2.2.1
  flask-appbuilder==5.3.0
  flask-limiter==4.1.1
  flask-restx==1.3.2
  flask-security-too==5.9.2
  flask-wtf==1.3.0
  gunicorn==27.0.1
  httpx==0.28.1
  indico==3.2.9
  jinja2==3.1.6
  jupyter-server==2.21.1
  lektor==3.3.14
  locust==2.47.0
  mezzanine==6.1.1
  pretix==2026.8.0
  requests==2.34.2
  sentry-sdk==2.75.0
  starlette==1.10.0
  wagtail==8.0.1
  werkzeug==3.1.9
  octoprint==1.11.8
  weblate==5.14.3
  ckan==2.12.0
  mlflow-skinny==3.17.2
  dash==4.4.1
  flask-cors==6.0.5
  flask-session==0.8.0
  django-debug-toolbar==8.0.0
  django-filer==3.6.0
  nautobot==3.2.7
  trytond==8.2.1
  isso==0.13.0
  searxng==0.1.2
  kinto==26.5.0
  datasette==0.65.5
  aiohttp==3.14.5
  bottle==0.13.4
  pyramid==2.1
  mailman-web==0.0.9
  hyperkitty==1.3.12
  postorius==1.3.13
"
NPM="
  thelounge@4.5.2 mongo-express@1.0.2 unleash-server@8.2.0 homebridge-config-ui-x@5.28.0 signalk-server@2.32.0
  oidc-provider@9.13.3 @directus/api@39.2.1 @actual-app/sync-server@26.9.0 parse-dashboard@9.2.0 redis-commander@0.9.0
  ungit@1.5.30 wiki@0.40.2 kuzzle@2.56.0 actionhero@29.3.5 parse-server@9.10.0 ghost@6.65.0 verdaccio@6.10.4 json-server@0.17.4
"
DEBIAN="
  python3-django-hyperkitty python3-django-postorius mailman3-web bepasty supysonic python3-searx lava-server
  python3-django-horizon python3-buildbot python3-radicale python3-keystone python3-django-oauth-toolkit
  python3-django-tables2 python3-octavia python3-pyramid
"
DEBIAN_SOURCES="freedombox onionshare django-ajax-selects python-django-registration"

say() {
  (cd "$here" && node --conditions=bulwark-source bench/check/say-findings.ts "$1" "$2")
}

for source in "${@:-pypi}"; do
  case $source in
    pypi)
      for package in $PYPI; do
        name=${package%%=*}
        pip download -q --no-deps --only-binary :all: -d "$folder/$name" "$package"
        mkdir "$folder/$name/files"
        unzip -q -o "$folder/$name"/*.whl -d "$folder/$name/files"
        say "$folder/$name/files" "$package"
      done ;;
    npm)
      for package in $NPM; do
        mkdir "$folder/npm"
        (cd "$folder/npm" && npm pack --silent --ignore-scripts "$package" > /dev/null && tar xzf ./*.tgz && rm ./*.tgz)
        say "$folder/npm" "$package"
        rm -rf "$folder/npm"
      done ;;
    debian)
      for package in $DEBIAN; do
        mkdir "$folder/deb"
        (cd "$folder/deb" && apt-get download -qq "$package" && dpkg-deb -x ./*.deb files && rm ./*.deb)
        say "$folder/deb/files" "$package"
        rm -rf "$folder/deb"
      done ;;
    debian-sources)
      for package in $DEBIAN_SOURCES; do
        mkdir "$folder/deb"
        (cd "$folder/deb" && apt-get source -qq --download-only "$package" && tar xf ./*.tar.?z && rm -f ./*.tar.* ./*.dsc)
        say "$folder/deb" "$package"
        rm -rf "$folder/deb"
      done ;;
    *) echo "pypi, npm, debian or debian-sources, and not $source" >&2; exit 2 ;;
  esac
done
