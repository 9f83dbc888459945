#!/bin/bash
# Switches the satellite on as its users do: a wake-word service, and the satellite beside it.
#   start.sh VENVS ENGINE [OPTION...]   VENVS: the folder that rigs/third_party/setup.sh installs into;
#                                       ENGINE: porcupine or openwakeword;
#                                       each OPTION is handed to the satellite
# Both are as their makers publish them; every line that they print gets its time (Unix, s) in front.
# It ends when either of them does.
set -uo pipefail

readonly venvs=$1 engine=$2 wake=127.0.0.1:10400
shift 2
case $engine in
porcupine) service=("$venvs/wyoming_satellite-wake/bin/python" -m wyoming_porcupine1) word=alexa ;;
openwakeword)
    service=("$venvs/wyoming_satellite-openwakeword/bin/python" -m wyoming_openwakeword --preload-model alexa_v0.1)
    word=alexa_v0.1
    ;;
*)
    echo "there is no wake-word service $engine here: porcupine, openwakeword" >&2
    exit 2
    ;;
esac

with_time() { while IFS= read -r line; do printf '%s %s\n' "$EPOCHREALTIME" "$line"; done; }

"${service[@]}" --uri "tcp://$wake" --debug > >(with_time) 2>&1 &
until (exec 3<>"/dev/tcp/${wake/://}") 2>/dev/null; do
    kill -0 $! 2>/dev/null || { echo "the wake-word service ended at once" >&2; exit 1; }
    sleep 0.05
done

# 48 kHz: what the server says is then played sample by sample as it was rendered.
"$venvs/wyoming_satellite-satellite/bin/python" -m wyoming_satellite \
    --name kitchen --uri tcp://0.0.0.0:10700 --no-zeroconf --debug \
    --mic-command "arecord -q -D default -r 16000 -c 1 -f S16_LE -t raw" \
    --snd-command "aplay -q -D default -r 48000 -c 1 -f S16_LE -t raw" --snd-command-rate 48000 \
    --wake-uri "tcp://$wake" --wake-word-name "$word" "$@" \
    > >(with_time) 2>&1 &
wait -n
