#!/bin/sh
set -eu
curl -fsS -u backup:winter-is-long-2026 https://shop.internal/export > export.json
curl -fsS -H "Authorization: Bearer q8Zt4mVw2kXs9pLd7rNb" https://shop.internal/done
psql postgresql://shop:winter-is-long-2026@db.internal/shop -c 'VACUUM'
curl -fsS https://reports:q8Zt4mVw2kXs9pLd7rNb@reports.internal/put -T export.json
