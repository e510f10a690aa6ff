# For /etc/cron.d/uptick. That file must belong to root, with mode 0644 and no dot in its name.
# The line names the user who runs uptick, here "uptick". Create one that owns data_dir and
# public_dir and nothing else:
#   useradd --system --home-dir /var/lib/uptick --shell /usr/sbin/nologin uptick
# Cron mails whatever uptick prints to MAILTO: outages that were confirmed or have ended, unless the
# key alerts names other targets, and errors of uptick itself. That needs a mail server here.
# If a check fails, a tick makes rechecks and takes 15 seconds or more: do not end it with timeout.
SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
MAILTO=root
* * * * * uptick /usr/local/bin/uptick -c /etc/uptick/uptick.yaml tick
