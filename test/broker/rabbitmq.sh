#!/usr/bin/env bash
# A private RabbitMQ for the tests: on loopback alone, with its own data, cookie and ports, gone without a trace when stopped.
#
#   rabbitmq.sh start DIR PORT     uses PORT (AMQP), PORT+1 (Erlang distribution) and PORT+2 (epmd); returns when AMQP is up
#   rabbitmq.sh stop DIR PORT      ends that broker and removes DIR
#
# The AMQP broker of a package install is neither used nor touched.
set -euo pipefail

action=${1:?start or stop}
dir=${2:?a directory of its own}
port=${3:?a port}
programs=${RABBITMQ_PROGRAMS:-/usr/lib/rabbitmq/bin}

mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

# "localhost" rather than the machine's name, which need not resolve where tests run.
export RABBITMQ_NODENAME="amqp-wasm-$port@localhost"
export RABBITMQ_DIST_PORT=$((port + 1))
export ERL_EPMD_PORT=$((port + 2)) ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
# Erlang makes its cookie in HOME; everything else that RabbitMQ would look for in /etc and /var is named here.
export HOME=$dir
export RABBITMQ_MNESIA_BASE=$dir/data RABBITMQ_LOG_BASE=$dir/log RABBITMQ_SCHEMA_DIR=$dir/schema
export RABBITMQ_CONFIG_FILE=$dir/rabbitmq.conf RABBITMQ_ADVANCED_CONFIG_FILE=$dir/no-advanced.config
export RABBITMQ_CONF_ENV_FILE=$dir/no-env.conf RABBITMQ_ENABLED_PLUGINS_FILE=$dir/plugins
export RABBITMQ_PID_FILE=$dir/pid

is_up() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

start() {
  if is_up; then
    echo "something listens on 127.0.0.1:$port already" >&2
    exit 1
  fi
  mkdir -p "$dir/data" "$dir/log" "$dir/schema"
  echo '[].' >"$dir/plugins"
  printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$port" 'frame_max = 131072' 'log.console = false' >"$dir/rabbitmq.conf"
  setsid nohup "$programs/rabbitmq-server" >"$dir/launch.log" 2>&1 </dev/null &
  local launcher=$! deadline=$((SECONDS + 90))
  until is_up; do
    if ! kill -0 "$launcher" 2>/dev/null || ((SECONDS > deadline)); then
      cat "$dir/launch.log" "$dir"/log/*.log >&2 || true
      echo "RabbitMQ did not start" >&2
      exit 1
    fi
    sleep 0.2
  done
  echo "AMQP_WASM_BROKER=127.0.0.1:$port"
}

stop() {
  local pid
  pid=$(cat "$RABBITMQ_PID_FILE" 2>/dev/null || true)
  if [[ -n $pid ]]; then
    kill "$pid" 2>/dev/null || true
    local deadline=$((SECONDS + 30))
    while kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  epmd -port "$ERL_EPMD_PORT" -kill >/dev/null 2>&1 || true
  rm -rf "$dir"
}

case $action in
  start) start ;;
  stop) stop ;;
  *)
    echo "start or stop, not $action" >&2
    exit 2
    ;;
esac
