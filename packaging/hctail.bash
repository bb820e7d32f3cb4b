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
    --max-open-files
    --max-line
    --on-overlong
    --encoding
    --lone-cr
    --flush-partial-after
    --parser
    --log-prefix
    --on-unparsed
    --timezone
    --localtime
    --unwrap
    --multiline.start
    --multiline.continue
    --multiline.preset
    --multiline.max-lines
    --multiline.max-bytes
    --multiline.timeout
    --csv.fields
    --csv.timefield
    --csv.time-format
    --csv.trim-leading-space
    --csv.delimiter
    --csv.header
    --json.timefield
    --json.time-format
    --json.envelope
    --keyval.timefield
    --keyval.time-format
    --keyval.filter-regex
    --keyval.invert-filter
    --keyval.numeric-bools
    --nginx.conf
    --nginx.format
    --nginx.log-format
    --nginx.timefield
    --nginx.time-format
    --regex.line-regex
    --regex.types
    --regex.timefield
    --regex.time-format
    --syslog.mode
    --syslog.processes
    --syslog.structured-data
    --transcript.service-name
    --transcript.prompt-regex
    --transcript.output-max
    --transcript.mask
    --transcript.no-default-mask
    --transcript.trace
    --transcript.traceparent
    --transcript.elements
    --transcript.idle-timeout
    --request-shape
    --no-request-shape
    --request-pattern
    --shape-prefix
    --request-parse-query
    --request-query-keys
    --samplerate
    --dynsampling
    --sampler
    --deterministic-sampling
    --presampled
    --keep-all-if
    --drop-if
    --sample-rule
    --sample-rules
    --sample-rules-target
    --dynsample-window
    --dynsample-minimum
    --sample-goal
    --sample-lookback
    --sample-max-keys
    --sample-coin
    --sample-coin-field
    --sample-salt
    --sample-key-rate
    --ema-weight
    --ema-age-out
    --ema-burst-multiple
    --ema-burst-delay
    --sample-tracestate
    --sample-meta
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
    --backoff
    --state-dir
    --dead-letter
    --dead-letter-max
    --spool
    --spool-max
    --tail.hash-statefile-paths
    --shutdown-timeout
    --status-interval
    --log-level
    --debug
    --config
    --json
    --repair
    --online
    --lines
    --color
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
    --max-open-files)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --max-line)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --on-overlong)
      mapfile -t COMPREPLY < <(compgen -W "cut dead-letter" -- "$cur")
      return ;;
    --encoding)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --flush-partial-after)
      mapfile -t COMPREPLY < <(:)
      return ;;
    -p|--parser)
      mapfile -t COMPREPLY < <(compgen -W "auto csv json keyval nginx nginx-error plain regex syslog transcript" -- "$cur")
      return ;;
    --log-prefix|--log_prefix)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --on-unparsed)
      mapfile -t COMPREPLY < <(compgen -W "drop dead-letter raw" -- "$cur")
      return ;;
    --timezone)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --unwrap)
      mapfile -t COMPREPLY < <(compgen -W "auto docker cri none" -- "$cur")
      return ;;
    --multiline.start)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --multiline.continue)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --multiline.preset)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --multiline.max-lines)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --multiline.max-bytes)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --multiline.timeout)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --csv.fields)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --csv.timefield|--csv.time-field)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --csv.time-format|--csv.time_format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --csv.delimiter)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --csv.header)
      mapfile -t COMPREPLY < <(compgen -W "yes no" -- "$cur")
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
    --keyval.timefield|--keyval.time-field)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --keyval.time-format|--keyval.time_format|--keyval.format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --keyval.filter-regex|--keyval.filter_regex)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --nginx.conf)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --nginx.format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --nginx.log-format|--nginx.log_format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --nginx.timefield|--nginx.time-field)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --nginx.time-format|--nginx.time_format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --regex.line-regex|--regex.line_regex)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --regex.types)
      mapfile -t COMPREPLY < <(compgen -W "infer string" -- "$cur")
      return ;;
    --regex.timefield|--regex.time-field)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --regex.time-format|--regex.time_format)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --syslog.mode)
      mapfile -t COMPREPLY < <(compgen -W "auto rfc3164 rfc5424" -- "$cur")
      return ;;
    --syslog.processes|--syslog.processlist)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --syslog.structured-data)
      mapfile -t COMPREPLY < <(compgen -W "text fields" -- "$cur")
      return ;;
    --transcript.service-name)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --transcript.prompt-regex)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --transcript.output-max)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --transcript.mask)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --transcript.trace)
      mapfile -t COMPREPLY < <(compgen -W "session day off" -- "$cur")
      return ;;
    --transcript.traceparent)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --transcript.elements)
      mapfile -t COMPREPLY < <(compgen -W "fields events" -- "$cur")
      return ;;
    --transcript.idle-timeout)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --request-shape|--request_shape)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --request-pattern|--request_pattern)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --shape-prefix|--shape_prefix)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --request-parse-query|--request_parse_query)
      mapfile -t COMPREPLY < <(compgen -W "whitelist all" -- "$cur")
      return ;;
    --request-query-keys|--request_query_keys)
      mapfile -t COMPREPLY < <(:)
      return ;;
    -r|--samplerate)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --dynsampling)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sampler)
      mapfile -t COMPREPLY < <(compgen -W "static deterministic avg avg-with-min ema ema-throughput per-key-throughput total-throughput windowed-throughput only-once" -- "$cur")
      return ;;
    --deterministic-sampling|--deterministic_sampling)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --presampled)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --keep-all-if)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --drop-if)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-rule)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-rules)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --sample-rules-target)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --dynsample-window|--dynsample_window)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --dynsample-minimum|--dynsample_minimum)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-goal)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-lookback)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-max-keys)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-coin)
      mapfile -t COMPREPLY < <(compgen -W "random stratified hash" -- "$cur")
      return ;;
    --sample-coin-field)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-salt)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-key-rate)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --ema-weight)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --ema-age-out)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --ema-burst-multiple)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --ema-burst-delay)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --sample-tracestate)
      mapfile -t COMPREPLY < <(:)
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
    --state-dir)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
    --dead-letter)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    --dead-letter-max)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --spool)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return ;;
    --spool-max)
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
    --lines)
      mapfile -t COMPREPLY < <(:)
      return ;;
    --color|--colour)
      mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$cur")
      return ;;
    check)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    replay)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return ;;
    state)
      mapfile -t COMPREPLY < <(compgen -W 'show check forget' -- "$cur")
      return ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W 'check help replay state' -- "$cur")
  fi
}
complete -o filenames -F _hctail hctail
