# For /etc/cron.d/uptick. That file must belong to root, with mode 0644 and no dot in its name.
# The line names the user who runs uptick, here "uptick". Create one that owns data_dir and
# public_dir and nothing else:
#   useradd --system --home-dir /var/lib/uptick --shell /usr/sbin/nologin uptick
# Cron mails whatever uptick prints to MAILTO: alerts (what is DOWN, since when and why; what is UP
# again), and errors of uptick itself. It prints nothing else. Cron needs a program sendmail for
# that, for example of the package dma or nullmailer. Without one, cron discards what is printed:
# then configure `alerts` in uptick.yaml (mail, webhook or command).
# If a check fails, a tick makes rechecks and takes 15 seconds or more: do not end it with timeout.
SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
MAILTO=root
* * * * * uptick /usr/local/bin/uptick -c /etc/uptick/uptick.yaml tick
