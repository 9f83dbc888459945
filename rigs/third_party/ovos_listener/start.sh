#!/bin/bash
# Switches OpenVoiceOS's ears on: message bus and listener, and beside them whoever answers.
#   start.sh VENVS CONFIGURATION COMMAND...   VENVS: the folder that rigs/third_party/setup.sh installs
#                                             into; CONFIGURATION: its mycroft.conf;
#                                             COMMAND: whoever answers on the bus
# Bus and listener are as their makers publish them; every line that they print gets its time
# (Unix, s) in front. It ends when any of the three does.
set -uo pipefail

readonly venv=$1/ovos_listener-listener configuration=$2 bus=127.0.0.1/8181
shift 2

with_time() { while IFS= read -r line; do printf '%s %s\n' "$EPOCHREALTIME" "$line"; done; }

model=$(echo "$venv"/lib/python3*/site-packages/pymicro_wakeword/models/alexa.tflite)
mkdir -p "$HOME/.config/mycroft"
sed "s|@MODEL@|$model|" "$configuration" >"$HOME/.config/mycroft/mycroft.conf"

"$venv/bin/ovos-messagebus" > >(with_time) 2>&1 &
until (exec 3<>"/dev/tcp/$bus") 2>/dev/null; do
    kill -0 $! 2>/dev/null || { echo "the message bus ended at once" >&2; exit 1; }
    sleep 0.05
done
"$@" &
"$venv/bin/ovos-dinkum-listener" > >(with_time) 2>&1 &
wait -n
