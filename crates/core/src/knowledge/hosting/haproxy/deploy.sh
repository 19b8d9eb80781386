#!/bin/sh
# certbot: puts the certificate of mta-sts.DOMAIN where HAProxy looks for it.
set -eu
umask 077
live=/etc/letsencrypt/live/mta-sts.DOMAIN
cat "$live/fullchain.pem" "$live/privkey.pem" > /etc/haproxy/certs/mta-sts.DOMAIN.pem
systemctl reload haproxy
