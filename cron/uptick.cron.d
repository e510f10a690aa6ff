# For /etc/cron.d/uptick (owned by root, mode 0644, no dot in its name). Its lines name the user: make
# one that owns data_dir and public_dir and nothing else, by
#   useradd --system --home-dir /var/lib/uptick --shell /usr/sbin/nologin uptick
# Whatever uptick prints is mailed to MAILTO; when all is well it prints nothing.
SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
MAILTO=root
* * * * * uptick /usr/local/bin/uptick -c /etc/uptick/uptick.yaml tick
