#!/bin/sh
# Makes every secret of compose.yaml, once: sudo SMTP_URL=smtps://user:password@host:465 deploy/make-secrets.sh [DIRECTORY]
#
# A container reads a mounted secret as its own user, so each file belongs to the user of the service that needs it
# (`user:` in compose.yaml), and to nobody else. Back the directory up as you would a key; keep it out of git.
set -eu
umask 077

directory=${1:-$(dirname "$0")/secrets}
strongroom=10001
stores=999
smtp_url=${SMTP_URL:-}

if [ "$(id -u)" != 0 ]; then
  echo "Only root may give files to other users: sudo $0 $directory" >&2
  exit 1
fi
if [ -e "$directory" ]; then
  # A new password in a file does not change the one that a database knows.
  echo "$directory is there already: nothing was changed. To start over, remove it and the volumes." >&2
  exit 1
fi

if [ -z "$smtp_url" ]; then
  echo "SMTP_URL is missing: sudo SMTP_URL=smtps://user:password@mail.example.com:465 $0 $directory" >&2
  exit 1
fi

# All of them or none: half a set would be taken for one.
unfinished=$directory.unfinished
rm -rf "$unfinished"
mkdir -p "$unfinished"
trap 'rm -rf "$unfinished"' EXIT

# write NAME OWNER TEXT
write() {
  printf '%s\n' "$3" > "$unfinished/$1"
  chmod 400 "$unfinished/$1"
  chown "$2:$2" "$unfinished/$1"
}

# 256 bits, in characters that mean nothing in a URL, to SQL or to Redis. Each in a line of its own: where one of these
# fails, all ends here.
bulwark_secret=$(openssl rand -base64 48)
postgres_password=$(openssl rand -hex 32)
database_password=$(openssl rand -hex 32)
redis_password=$(openssl rand -hex 32)
digest=$(printf %s "$redis_password" | openssl dgst -sha256 -r)

write bulwark_secret $strongroom "$bulwark_secret"
write postgres_password $stores "$postgres_password"
write database_password $stores "$database_password"
write database_url $strongroom "postgres://strongroom:$database_password@postgres:5432/strongroom"
# That of your mail server, which nobody can make up.
write smtp_url $strongroom "$smtp_url"
write redis_url $strongroom "redis://strongroom:$redis_password@redis:6379"
# Nobody without a password. Strongroom: its own keys, and nothing that changes the server or looks through it. The
# third is for the health check, and may say hello.
write redis_acl $stores "user default off
user strongroom on #${digest%% *} resetchannels &__redis__:invalidate ~strongroom:* +@all -@admin -@dangerous +info
user health on nopass resetchannels -@all +ping"

mv "$unfinished" "$directory"
echo "Made the secrets of Strongroom in $directory."
