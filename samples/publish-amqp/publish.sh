#!/bin/sh
# Publishes the PushRequested on standard input through RabbitMQ's management API. Needs nothing but curl.
#   echo '{"id":"goal-1","roomId":"1001","message":"GOAL"}' | ./publish.sh room:1001
# The argument is the target header; leave it out and Edges read the target from the body.
# RABBITMQ_API, RABBITMQ_USER (name:password) and RABBITMQ_VHOST (percent-encoded) say where the broker is.
set -eu

exchange=${RABBITMQ_API:-http://localhost:15672}/api/exchanges/${RABBITMQ_VHOST:-%2F}/Push.Contracts%3APushRequested
headers=${1:+"\"target\":\"$1\""}
body=$(base64 | tr -d '\n')

hint='no Push service has set up the stream yet: start one with this broker and virtual host'
answer=$(curl --silent --show-error --write-out ' %{http_code}' --user "${RABBITMQ_USER:-guest:guest}" \
  --header 'Content-Type: application/json' --data @- "$exchange/publish" <<JSON
{"properties": {"content_type": "application/json", "delivery_mode": 2, "headers": {$headers}},
 "routing_key": "", "payload": "$body", "payload_encoding": "base64"}
JSON
)

case $answer in
  '{"routed":true} 200') exit 0 ;;
  '{"routed":false} 200') echo "not published: no queue took the message: $hint" >&2 ;;
  *' 404' | *'no exchange'*) echo "not published: the exchange is missing: $hint" >&2 ;;
  *) echo "not published: $answer" >&2 ;;
esac
exit 1
