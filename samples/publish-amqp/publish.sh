#!/bin/sh
# Publishes the PushRequested on standard input through RabbitMQ's management API. Needs nothing but curl.
#   echo '{"id":"goal-1","roomId":"1001","message":"GOAL"}' | ./publish.sh room:1001
# The argument is the target header; leave it out and Edges read the target from the body.
# RABBITMQ_API, RABBITMQ_USER (name:password) and RABBITMQ_VHOST (percent-encoded) say where the broker is.
set -eu

exchange=${RABBITMQ_API:-http://localhost:15672}/api/exchanges/${RABBITMQ_VHOST:-%2F}/Push.Contracts%3APushRequested
headers=${1:+"\"target\":\"$1\""}
body=$(base64 | tr -d '\n')

answer=$(curl --fail --silent --show-error --user "${RABBITMQ_USER:-guest:guest}" \
  --header 'Content-Type: application/json' --data @- "$exchange/publish" <<JSON
{"properties": {"content_type": "application/json", "delivery_mode": 2, "headers": {$headers}},
 "routing_key": "", "payload": "$body", "payload_encoding": "base64"}
JSON
)

if [ "$answer" != '{"routed":true}' ]; then
  echo 'no queue took the message: no Push service has set up the stream yet' >&2
  exit 1
fi
