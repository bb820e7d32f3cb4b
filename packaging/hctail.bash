# SPDX-License-Identifier: Apache-2.0
# bash completion for hctail.  Made by 'hctail help bash'; do not edit.

_hctail() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local options='
    --file
    --filter-file
    --backfill
    --tail.read-from
    --tail.stop
    --tail.poll
    --max-line
    --parser
    --timezone
    --localtime
    --json.timefield
    --json.time-format
    --json.envelope
    --output
    --dry-run
    --dataset
    --writekey-file
    --writekey
    --api-host
    --skip-auth-check
    --request-timeout
    --ca-file
    --compression
    --poolsize
    --send-frequency-ms
    --send-batch-size
    --samplerate
    --backoff
    --state-dir
    --dead-letter
    --dead-letter-max
    --tail.hash-statefile-paths
    --shutdown-timeout
    --status-interval
    --log-level
    --debug
    --config
    --help
    --version
    --list-parsers
  '
  # Readline splits --name=value at the '='.
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
    -f|--file)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    -F|--filter-file)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --tail.read-from|--tail.read_from)
      mapfile -t COMPREPLY < <(compgen -W "beginning end last" -- "$cur")
      return ;;
    --max-line)
      mapfile -t COMPREPLY < <(:)
      return ;;
    -p|--parser)
      mapfile -t COMPREPLY < <(compgen -W "auto json" -- "$cur")
      return ;;
    --timezone)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --json.timefield|--json.time-field)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --json.time-format|--json.time_format|--json.format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --json.envelope)
      mapfile -t COMPREPLY < <(compgen -W "auto yes no" -- "$cur")
      return ;;
    --output)
      mapfile -t COMPREPLY < <(compgen -W "stdout honeycomb" -- "$cur")
      return ;;
    -d|--dataset)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --writekey-file)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    -k|--writekey)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --api-host|--api_host)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --request-timeout)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --ca-file)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --compression)
      mapfile -t COMPREPLY < <(compgen -W "zstd gzip none" -- "$cur")
      return ;;
    -P|--poolsize)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --send-frequency-ms|--send_frequency_ms)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --send-batch-size|--send_batch_size)
      mapfile -t COMPREPLY < <(:)
      return ;;
    -r|--samplerate)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --state-dir)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
    --dead-letter)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --dead-letter-max)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --shutdown-timeout)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --status-interval|--status_interval)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --log-level|--log_level)
      mapfile -t COMPREPLY < <(compgen -W "debug info warn error" -- "$cur")
      return ;;
    -c|--config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    state)
      mapfile -t COMPREPLY < <(compgen -W 'show' -- "$cur")
      return ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'state help' -- "$cur")
  fi
}
complete -o filenames -F _hctail hctail
