# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_syncline_global_optspecs
    string join \n o/output= q/quiet context= server= token-file= timeout= h/help V/version
end

function __fish_syncline_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_syncline_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_syncline_using_subcommand
    set -l cmd (__fish_syncline_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c syncline -n "__fish_syncline_needs_command" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_needs_command" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_needs_command" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_needs_command" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_needs_command" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_needs_command" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_needs_command" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_needs_command" -s V -l version -d 'Print version'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "serve" -d 'Run the daemon'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "jobs" -d 'Migration and sync jobs'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "job" -d 'Migration and sync jobs'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "bars" -d 'Market data: prices and volumes of symbols'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "tasks" -d 'Jobs that run at their times, or when they are told to'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "task" -d 'Jobs that run at their times, or when they are told to'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "sync" -d 'Bring figures over now'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "hosts" -d 'The pool of hosts, with their figures'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "host" -d 'The pool of hosts, with their figures'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "nodes" -d 'The daemons and how they are'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "node" -d 'The daemons and how they are'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "logs" -d 'What happened: log lines and runs'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "server" -d 'One daemon as a whole'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "config" -d 'The daemon\'s settings on this machine'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "mysql" -d 'Look at a database before a job uses it'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "es" -d 'Look at an Elasticsearch endpoint before a task uses it'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "context" -d 'The daemons that this user works with'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "api" -d 'A raw call of the daemon\'s API'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "explain" -d 'What an error code means, and what to do'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "version" -d 'Versions of this program and of the daemon'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "completions" -d 'Shell completion script, to stdout'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "man" -d 'Manual page, to stdout'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "generate" -d 'Write completions/, man/ and config.example.toml of the source tree'
complete -c syncline -n "__fish_syncline_needs_command" -f -a "help" -d 'Help on a command or a topic'
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l config -d 'Configuration file, instead of the usual places (see `syncline config show`)' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l listen -d 'Address to listen on [default: 127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l data-dir -d 'Folder of the state' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l log-level -d 'trace, debug, info, warn or error' -r
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l log-format -d 'auto, text or json' -r
complete -c syncline -n "__fish_syncline_using_subcommand serve" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand serve" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand serve" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand serve" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "create" -d 'Create a job from a file or from flags'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "validate" -d 'Check a job against both servers, and create nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "update" -d 'Change what a job is to do, by a file or by flags'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "apply" -d 'Create the job of a file, or update it to what the file says'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "list" -d 'All jobs: state, lag, speed, last error'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "ls" -d 'All jobs: state, lag, speed, last error'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "show" -d 'One job: is it moving, how far behind, what went wrong'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "watch" -d 'Follow jobs live until they end'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "tap" -d 'Look at a running job\'s changes as they pass'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "wait" -d 'Wait until a job is where it should be'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "pause" -d 'Stop a job and keep its position'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "resume" -d 'Continue a paused job'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "finish" -d 'End a job once it has applied what the source has now'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "handover" -d 'What a finished job left to do, and where both ends stood'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "retry" -d 'Start a failed job again, from its position'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "throttle" -d 'Limit what a job moves per second, and hold it back for busy servers, while it runs'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "tables" -d 'A job\'s tables: list, copy again, take in, take out'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "position" -d 'Where a job stands in its source\'s log, and where it goes on'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "conflicts" -d 'Changes that did not fit the target, and what became of them'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "ddl" -d 'Statements that a job does not run by itself: leave out, replace, try again'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "skip" -d 'Leave a transaction of the source\'s log out'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "verify" -d 'Compare source and target row by row'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "delete" -d 'Forget jobs; data at the target stays'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "rm" -d 'Forget jobs; data at the target stays'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "events" -d 'What happened to a job'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "logs" -d 'Log lines of a job (the same as `syncline logs job/ID`)'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l name -d 'The job\'s name; its id is NAME-KIND' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l kind -d 'A migration ends when told to; a sync goes on; a subscription publishes messages' -r -f -a "migration\t''
sync\t''
subscription\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l start-gtid -d 'Follow the source\'s log from there on, without a copy: now, GTIDs that are done, or file:offset' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l source -d 'Where rows come from: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l target -d 'Where rows go: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l sink -d 'Where it goes: to --target, to --kafka, to this command\'s stdout, or into a file in the daemon\'s [files] dir' -r -f -a "mysql\t''
kafka\t''
stdout\t''
file\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l sink-file -d 'The file\'s name [default: NAME.ndjson]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l kafka -d 'Kafka\'s brokers' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l topic -d 'The topic; {schema} and {table} in it are replaced' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l format -d 'The form of the messages [default: debezium]' -r -f -a "debezium\t''
canal\t''
flat\t''
maxwell\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l partition-by -d 'What rows have in common that stay in order [default: primary-key]' -r -f -a "table\t''
primary-key\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l include -d 'A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l where -d 'Take only the rows of a schema or table that pass a condition: \'db.table=id > 5\', or \'db.table=select a, b from t where id > 5\'; includes the table; an empty condition takes every row again' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l ignore -d 'A schema or table to leave out' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l source-password-file -d 'File that holds the source\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l source-password-env -d 'Environment variable that holds the source\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l target-password-file -d 'File that holds the target\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l target-password-env -d 'Environment variable that holds the target\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l source-tls -d 'TLS towards the source' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l source-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l target-tls -d 'TLS towards the target' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l target-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l existing-tables -d 'Target tables that hold rows already: do not start, write over, or make anew [default: refuse]' -r -f -a "refuse\t''
upsert\t''
drop\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l on-conflict -d 'A target row that is not what the source\'s log says: stop, source wins, or target wins [default: error]' -r -f -a "error\t''
overwrite\t''
skip\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l detect-conflicts -d 'How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]' -r -f -a "key\t''
row\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l limit -d 'With --sink stdout: end after so many messages' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l for -d 'With --sink stdout: end after this time' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l no-message-schema -d 'Leave the schema out of Debezium\'s messages'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l paused -d 'Create it paused'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -l dry-run -d 'Check the job as validate does, and create nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l name -d 'The job\'s name; its id is NAME-KIND' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l kind -d 'A migration ends when told to; a sync goes on; a subscription publishes messages' -r -f -a "migration\t''
sync\t''
subscription\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l start-gtid -d 'Follow the source\'s log from there on, without a copy: now, GTIDs that are done, or file:offset' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l source -d 'Where rows come from: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l target -d 'Where rows go: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l sink -d 'Where it goes: to --target, to --kafka, to this command\'s stdout, or into a file in the daemon\'s [files] dir' -r -f -a "mysql\t''
kafka\t''
stdout\t''
file\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l sink-file -d 'The file\'s name [default: NAME.ndjson]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l kafka -d 'Kafka\'s brokers' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l topic -d 'The topic; {schema} and {table} in it are replaced' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l format -d 'The form of the messages [default: debezium]' -r -f -a "debezium\t''
canal\t''
flat\t''
maxwell\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l partition-by -d 'What rows have in common that stay in order [default: primary-key]' -r -f -a "table\t''
primary-key\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l include -d 'A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l where -d 'Take only the rows of a schema or table that pass a condition: \'db.table=id > 5\', or \'db.table=select a, b from t where id > 5\'; includes the table; an empty condition takes every row again' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l ignore -d 'A schema or table to leave out' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l source-password-file -d 'File that holds the source\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l source-password-env -d 'Environment variable that holds the source\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l target-password-file -d 'File that holds the target\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l target-password-env -d 'Environment variable that holds the target\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l source-tls -d 'TLS towards the source' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l source-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l target-tls -d 'TLS towards the target' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l target-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l existing-tables -d 'Target tables that hold rows already: do not start, write over, or make anew [default: refuse]' -r -f -a "refuse\t''
upsert\t''
drop\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l on-conflict -d 'A target row that is not what the source\'s log says: stop, source wins, or target wins [default: error]' -r -f -a "error\t''
overwrite\t''
skip\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l detect-conflicts -d 'How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]' -r -f -a "key\t''
row\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l print-grants -d 'Print the GRANT statements that the accounts need, of one side or of both' -r -f -a "source\t''
target\t''
both\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -l no-message-schema -d 'Leave the schema out of Debezium\'s messages'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l source -d 'Where rows come from: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l target -d 'Where rows go: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l sink -d 'Where it goes: to --target, to --kafka, to this command\'s stdout, or into a file in the daemon\'s [files] dir' -r -f -a "mysql\t''
kafka\t''
stdout\t''
file\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l sink-file -d 'The file\'s name [default: NAME.ndjson]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l kafka -d 'Kafka\'s brokers' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l topic -d 'The topic; {schema} and {table} in it are replaced' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l format -d 'The form of the messages [default: debezium]' -r -f -a "debezium\t''
canal\t''
flat\t''
maxwell\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l partition-by -d 'What rows have in common that stay in order [default: primary-key]' -r -f -a "table\t''
primary-key\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l include -d 'A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l where -d 'Take only the rows of a schema or table that pass a condition: \'db.table=id > 5\', or \'db.table=select a, b from t where id > 5\'; includes the table; an empty condition takes every row again' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l ignore -d 'A schema or table to leave out' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l source-password-file -d 'File that holds the source\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l source-password-env -d 'Environment variable that holds the source\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l target-password-file -d 'File that holds the target\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l target-password-env -d 'Environment variable that holds the target\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l source-tls -d 'TLS towards the source' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l source-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l target-tls -d 'TLS towards the target' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l target-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l existing-tables -d 'Target tables that hold rows already: do not start, write over, or make anew [default: refuse]' -r -f -a "refuse\t''
upsert\t''
drop\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l on-conflict -d 'A target row that is not what the source\'s log says: stop, source wins, or target wins [default: error]' -r -f -a "error\t''
overwrite\t''
skip\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l detect-conflicts -d 'How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]' -r -f -a "key\t''
row\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l no-message-schema -d 'Leave the schema out of Debezium\'s messages'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l kind -d 'Only jobs of this kind: migration, sync or subscription' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l state -d 'Only jobs in this state, e.g. failed' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l name -d 'Only jobs with this name, or the one with this id' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l kind -d 'Only jobs of this kind: migration, sync or subscription' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l state -d 'Only jobs in this state, e.g. failed' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l name -d 'Only jobs with this name, or the one with this id' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l position -d 'Also the positions in the source\'s log, in full'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l allocations -d 'Also the run, its two sides and their queues'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -l config -d 'Also what the job was asked to do'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -l interval -d 'Time between two lines where there is no terminal' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -l until -d 'Stop watching as soon as the jobs are there: incremental, caught-up, ...' -r -f -a "incremental\t''
caught-up\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l table -d 'Only this table: db.table, or table in any schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l limit -d 'End after so many changes' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l rate -d 'At most so many rows a second [default: 100]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -l values -d 'Show the rows\' values, and statements'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tap" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -l for -d 'What to wait for' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -l wait -d 'Wait until it stands still' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l wait -d 'Wait until it is complete' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -l when-source-read-only -d 'End when the source takes no writes any more and all of them are applied'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from finish" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from handover" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l off -d 'Take the limits and gates away that are not named here'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from throttle" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -f -a "list" -d 'The tables, how far their copies are and what the stream changed in them'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -f -a "ls" -d 'The tables, how far their copies are and what the stream changed in them'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -f -a "reload" -d 'Copy tables again, while the job runs'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -f -a "add" -d 'Take tables into the job; they are copied first'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from tables" -f -a "remove" -d 'Take tables out of the job; what they have at the target stays'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -f -a "show" -d 'Where the job stands, and where its source does'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from position" -f -a "set" -d 'Let a paused job go on from another position'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from conflicts" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -f -a "list" -d 'The statement that a job waits with, and what was decided about others'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -f -a "ls" -d 'The statement that a job waits with, and what was decided about others'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -f -a "skip" -d 'Leave it out, with its transaction'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -f -a "replace" -d 'Run another statement in its place'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from ddl" -f -a "retry" -d 'Try it again, after a change at the target'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from skip" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l table -d 'Only this table, db.table; may be repeated' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l max-differences -d 'Most differences listed per table [default: 100]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l repair-sql -d 'Write the statements that would make the target equal to this file, - for stdout; they hold the rows\' values' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l every -d 'Compare all the time, e.g. every 6h, while the job follows its log; off ends it' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l rows-per-s -d 'With --every or --continuous: most rows read per second [default: a tenth of the time]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l number -d 'Show the comparison with this number instead of starting one' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l by-rows -d 'Read every row of both sides, also where the servers could add them up'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l repair -d 'Have the running job repair the rows that differ'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -s y -l yes -d 'With --repair: answer the question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l continuous -d 'The same without a break'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l no-wait -d 'Start the comparison and return its number at once'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -l cancel -d 'End the comparison that is under way'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l keep-progress -d 'Keep the position, so that a new job with this id continues from it'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l wait -d 'Return only when the job is gone (it always does; accepted like everywhere)'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l keep-progress -d 'Keep the position, so that a new job with this id continues from it'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l wait -d 'Return only when the job is gone (it always does; accepted like everywhere)'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from events" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l since -d 'Not before this time: 1h (ago), RFC 3339 or @epoch' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l until -d 'Not after this time' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l level -d 'This level and worse' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l grep -d 'Only lines that contain this text' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s n -l lines -d 'Most lines to begin with' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on with new lines as they come'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand jobs; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "create" -d 'Create a job from a file or from flags'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "validate" -d 'Check a job against both servers, and create nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "update" -d 'Change what a job is to do, by a file or by flags'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "apply" -d 'Create the job of a file, or update it to what the file says'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "list" -d 'All jobs: state, lag, speed, last error'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "ls" -d 'All jobs: state, lag, speed, last error'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "show" -d 'One job: is it moving, how far behind, what went wrong'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "watch" -d 'Follow jobs live until they end'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "tap" -d 'Look at a running job\'s changes as they pass'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "wait" -d 'Wait until a job is where it should be'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "pause" -d 'Stop a job and keep its position'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "resume" -d 'Continue a paused job'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "finish" -d 'End a job once it has applied what the source has now'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "handover" -d 'What a finished job left to do, and where both ends stood'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "retry" -d 'Start a failed job again, from its position'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "throttle" -d 'Limit what a job moves per second, and hold it back for busy servers, while it runs'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "tables" -d 'A job\'s tables: list, copy again, take in, take out'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "position" -d 'Where a job stands in its source\'s log, and where it goes on'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "conflicts" -d 'Changes that did not fit the target, and what became of them'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "ddl" -d 'Statements that a job does not run by itself: leave out, replace, try again'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "skip" -d 'Leave a transaction of the source\'s log out'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "verify" -d 'Compare source and target row by row'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "delete" -d 'Forget jobs; data at the target stays'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "rm" -d 'Forget jobs; data at the target stays'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "events" -d 'What happened to a job'
complete -c syncline -n "__fish_syncline_using_subcommand job; and not __fish_seen_subcommand_from create validate update apply list ls show watch tap wait pause resume finish handover retry throttle tables position conflicts ddl skip verify delete rm events logs" -f -a "logs" -d 'Log lines of a job (the same as `syncline logs job/ID`)'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l name -d 'The job\'s name; its id is NAME-KIND' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l kind -d 'A migration ends when told to; a sync goes on; a subscription publishes messages' -r -f -a "migration\t''
sync\t''
subscription\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l start-gtid -d 'Follow the source\'s log from there on, without a copy: now, GTIDs that are done, or file:offset' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l source -d 'Where rows come from: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l target -d 'Where rows go: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l sink -d 'Where it goes: to --target, to --kafka, to this command\'s stdout, or into a file in the daemon\'s [files] dir' -r -f -a "mysql\t''
kafka\t''
stdout\t''
file\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l sink-file -d 'The file\'s name [default: NAME.ndjson]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l kafka -d 'Kafka\'s brokers' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l topic -d 'The topic; {schema} and {table} in it are replaced' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l format -d 'The form of the messages [default: debezium]' -r -f -a "debezium\t''
canal\t''
flat\t''
maxwell\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l partition-by -d 'What rows have in common that stay in order [default: primary-key]' -r -f -a "table\t''
primary-key\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l include -d 'A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l where -d 'Take only the rows of a schema or table that pass a condition: \'db.table=id > 5\', or \'db.table=select a, b from t where id > 5\'; includes the table; an empty condition takes every row again' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l ignore -d 'A schema or table to leave out' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l source-password-file -d 'File that holds the source\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l source-password-env -d 'Environment variable that holds the source\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l target-password-file -d 'File that holds the target\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l target-password-env -d 'Environment variable that holds the target\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l source-tls -d 'TLS towards the source' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l source-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l target-tls -d 'TLS towards the target' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l target-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l existing-tables -d 'Target tables that hold rows already: do not start, write over, or make anew [default: refuse]' -r -f -a "refuse\t''
upsert\t''
drop\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l on-conflict -d 'A target row that is not what the source\'s log says: stop, source wins, or target wins [default: error]' -r -f -a "error\t''
overwrite\t''
skip\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l detect-conflicts -d 'How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]' -r -f -a "key\t''
row\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l limit -d 'With --sink stdout: end after so many messages' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l for -d 'With --sink stdout: end after this time' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l no-message-schema -d 'Leave the schema out of Debezium\'s messages'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l paused -d 'Create it paused'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -l dry-run -d 'Check the job as validate does, and create nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l name -d 'The job\'s name; its id is NAME-KIND' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l kind -d 'A migration ends when told to; a sync goes on; a subscription publishes messages' -r -f -a "migration\t''
sync\t''
subscription\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l start-gtid -d 'Follow the source\'s log from there on, without a copy: now, GTIDs that are done, or file:offset' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l source -d 'Where rows come from: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l target -d 'Where rows go: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l sink -d 'Where it goes: to --target, to --kafka, to this command\'s stdout, or into a file in the daemon\'s [files] dir' -r -f -a "mysql\t''
kafka\t''
stdout\t''
file\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l sink-file -d 'The file\'s name [default: NAME.ndjson]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l kafka -d 'Kafka\'s brokers' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l topic -d 'The topic; {schema} and {table} in it are replaced' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l format -d 'The form of the messages [default: debezium]' -r -f -a "debezium\t''
canal\t''
flat\t''
maxwell\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l partition-by -d 'What rows have in common that stay in order [default: primary-key]' -r -f -a "table\t''
primary-key\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l include -d 'A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l where -d 'Take only the rows of a schema or table that pass a condition: \'db.table=id > 5\', or \'db.table=select a, b from t where id > 5\'; includes the table; an empty condition takes every row again' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l ignore -d 'A schema or table to leave out' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l source-password-file -d 'File that holds the source\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l source-password-env -d 'Environment variable that holds the source\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l target-password-file -d 'File that holds the target\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l target-password-env -d 'Environment variable that holds the target\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l source-tls -d 'TLS towards the source' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l source-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l target-tls -d 'TLS towards the target' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l target-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l existing-tables -d 'Target tables that hold rows already: do not start, write over, or make anew [default: refuse]' -r -f -a "refuse\t''
upsert\t''
drop\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l on-conflict -d 'A target row that is not what the source\'s log says: stop, source wins, or target wins [default: error]' -r -f -a "error\t''
overwrite\t''
skip\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l detect-conflicts -d 'How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]' -r -f -a "key\t''
row\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l print-grants -d 'Print the GRANT statements that the accounts need, of one side or of both' -r -f -a "source\t''
target\t''
both\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -l no-message-schema -d 'Leave the schema out of Debezium\'s messages'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l source -d 'Where rows come from: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l target -d 'Where rows go: user@host or user@host:port' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l sink -d 'Where it goes: to --target, to --kafka, to this command\'s stdout, or into a file in the daemon\'s [files] dir' -r -f -a "mysql\t''
kafka\t''
stdout\t''
file\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l sink-file -d 'The file\'s name [default: NAME.ndjson]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l kafka -d 'Kafka\'s brokers' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l topic -d 'The topic; {schema} and {table} in it are replaced' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l format -d 'The form of the messages [default: debezium]' -r -f -a "debezium\t''
canal\t''
flat\t''
maxwell\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l partition-by -d 'What rows have in common that stay in order [default: primary-key]' -r -f -a "table\t''
primary-key\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l include -d 'A schema or table to replicate: db, db.table or db./regex/; may be repeated; absent: every schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l where -d 'Take only the rows of a schema or table that pass a condition: \'db.table=id > 5\', or \'db.table=select a, b from t where id > 5\'; includes the table; an empty condition takes every row again' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l ignore -d 'A schema or table to leave out' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l source-password-file -d 'File that holds the source\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l source-password-env -d 'Environment variable that holds the source\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l target-password-file -d 'File that holds the target\'s password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l target-password-env -d 'Environment variable that holds the target\'s password' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l source-tls -d 'TLS towards the source' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l source-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l target-tls -d 'TLS towards the target' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l target-tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l existing-tables -d 'Target tables that hold rows already: do not start, write over, or make anew [default: refuse]' -r -f -a "refuse\t''
upsert\t''
drop\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l on-conflict -d 'A target row that is not what the source\'s log says: stop, source wins, or target wins [default: error]' -r -f -a "error\t''
overwrite\t''
skip\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l detect-conflicts -d 'How such a row is found: by its key, or by every value, as sync both ways needs it [default: key]' -r -f -a "key\t''
row\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l no-message-schema -d 'Leave the schema out of Debezium\'s messages'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -s f -l file -d 'Job file in TOML, YAML or JSON; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l kind -d 'Only jobs of this kind: migration, sync or subscription' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l state -d 'Only jobs in this state, e.g. failed' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l name -d 'Only jobs with this name, or the one with this id' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l kind -d 'Only jobs of this kind: migration, sync or subscription' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l state -d 'Only jobs in this state, e.g. failed' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l name -d 'Only jobs with this name, or the one with this id' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l position -d 'Also the positions in the source\'s log, in full'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l allocations -d 'Also the run, its two sides and their queues'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -l config -d 'Also what the job was asked to do'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -l interval -d 'Time between two lines where there is no terminal' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -l until -d 'Stop watching as soon as the jobs are there: incremental, caught-up, ...' -r -f -a "incremental\t''
caught-up\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l table -d 'Only this table: db.table, or table in any schema' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l limit -d 'End after so many changes' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l rate -d 'At most so many rows a second [default: 100]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -l values -d 'Show the rows\' values, and statements'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tap" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -l for -d 'What to wait for' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -l wait -d 'Wait until it stands still' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l wait -d 'Wait until it is complete' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -l when-source-read-only -d 'End when the source takes no writes any more and all of them are applied'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from finish" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from handover" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from retry" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l rows-per-s -d 'Most rows per second' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l bytes-per-s -d 'Most bytes per second, e.g. 500000, 4MB' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l max-source-load -d 'Status variables of the source and the most that each may be, e.g. Threads_running=25,Threads_connected=500; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l max-target-load -d 'The same of the target; the stream waits too' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l critical-source-load -d 'Status variables of the source, and what is critical of each: above it, twice in a row, the job lets go of both servers and comes again later; none takes them away' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l critical-target-load -d 'The same of the target' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l max-replica-lag -d 'How far behind the target\'s replicas may be, e.g. 5s; none asks no replica any more. It holds the copy only, not the stream: the changes of the source have to be borne by them anyway' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l replica -d 'A replica of the target that is asked for its lag; may be repeated, and replaces those named before' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l replica-password-file -d 'File that holds the password of USER' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l replica-password-env -d 'Environment variable that holds the password of USER' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l off -d 'Take the limits and gates away that are not named here'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from throttle" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -f -a "list" -d 'The tables, how far their copies are and what the stream changed in them'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -f -a "ls" -d 'The tables, how far their copies are and what the stream changed in them'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -f -a "reload" -d 'Copy tables again, while the job runs'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -f -a "add" -d 'Take tables into the job; they are copied first'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from tables" -f -a "remove" -d 'Take tables out of the job; what they have at the target stays'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -f -a "show" -d 'Where the job stands, and where its source does'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from position" -f -a "set" -d 'Let a paused job go on from another position'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from conflicts" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -f -a "list" -d 'The statement that a job waits with, and what was decided about others'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -f -a "ls" -d 'The statement that a job waits with, and what was decided about others'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -f -a "skip" -d 'Leave it out, with its transaction'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -f -a "replace" -d 'Run another statement in its place'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from ddl" -f -a "retry" -d 'Try it again, after a change at the target'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -l wait -d 'Wait until the job is there: running (the default), incremental, caught-up, ...' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from skip" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l table -d 'Only this table, db.table; may be repeated' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l max-differences -d 'Most differences listed per table [default: 100]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l repair-sql -d 'Write the statements that would make the target equal to this file, - for stdout; they hold the rows\' values' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l every -d 'Compare all the time, e.g. every 6h, while the job follows its log; off ends it' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l rows-per-s -d 'With --every or --continuous: most rows read per second [default: a tenth of the time]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l number -d 'Show the comparison with this number instead of starting one' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l by-rows -d 'Read every row of both sides, also where the servers could add them up'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l repair -d 'Have the running job repair the rows that differ'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -s y -l yes -d 'With --repair: answer the question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l continuous -d 'The same without a break'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l no-wait -d 'Start the comparison and return its number at once'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -l cancel -d 'End the comparison that is under way'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l keep-progress -d 'Keep the position, so that a new job with this id continues from it'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l wait -d 'Return only when the job is gone (it always does; accepted like everywhere)'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l keep-progress -d 'Keep the position, so that a new job with this id continues from it'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l wait -d 'Return only when the job is gone (it always does; accepted like everywhere)'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from events" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l since -d 'Not before this time: 1h (ago), RFC 3339 or @epoch' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l until -d 'Not after this time' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l level -d 'This level and worse' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l grep -d 'Only lines that contain this text' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -s n -l lines -d 'Most lines to begin with' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on with new lines as they come'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand job; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "read" -d 'Bars of one symbol'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "import" -d 'Read bars from CSV files; what is there already is replaced'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "export" -d 'Write bars as CSV'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "symbols" -d 'Symbols that there are bars of'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "info" -d 'What there is of one symbol, and what was corrected in it'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "delete" -d 'Take bars out, here and at every slave and backup'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "verify" -d 'Check every stored bar against its digest; exit 3 if something is wrong'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and not __fish_seen_subcommand_from read import export symbols info delete verify digest" -f -a "digest" -d 'Digests of what is stored: equal at two daemons means equal bars'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l interval -d 'Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l from -d 'First date or time' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l to -d 'Last date or time, included; a date means all of that day' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -l plot -d 'A small chart instead of the table'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l symbol -d 'The symbol of all rows, where there is no column for it' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l interval -d 'Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l time-zone -d 'Time zone of intraday times that have none, e.g. America/New_York; UTC when it is left out, which is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l dates -d 'How dates like 3/4/2024 are read; without it a file of them needs one that shows it, e.g. 3/14/2024' -r -f -a "month-first\t''
day-first\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l lenient -d 'Take rows that contradict themselves or say a bar twice, bars that are not over, and those that look like another interval\'s'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l overwrite -d 'Take bars that do not fit to those that are stored, or replace damaged ones: the file is right'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l interval -d 'Length of a bar: 1m 5m 15m 30m 1h 1d 1wk 1mo' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l from -d 'First date or time' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l to -d 'Last date or time, included; a date means all of that day' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l out -d 'File to write; absent: stdout' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -l interval -d 'Only this length of a bar' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from symbols" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l interval -d 'Only bars of this length; absent: of every length' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l from -d 'First date or time; absent: from the first bar on' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l to -d 'Last date or time, included; a date means all of that day. Absent: to the last bar' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -l interval -d 'Only this length of a bar' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -l against -d 'Another daemon to compare with, asked with the same token' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand bars; and __fish_seen_subcommand_from digest" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "list" -d 'All tasks: when they run next, how they ran last'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "ls" -d 'All tasks: when they run next, how they ran last'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "show" -d 'One task'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "create" -d 'Create a task from a file or from flags'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "update" -d 'Change a task by flags; what is not said stays'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "apply" -d 'Create the task of a file, or update it to what the file says'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "delete" -d 'Forget tasks; their runs stay in the log'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "rm" -d 'Forget tasks; their runs stay in the log'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "enable" -d 'Let tasks run at their times'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "disable" -d 'Let tasks run no more at their times'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "run" -d 'Run tasks now'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "cancel" -d 'Stop the running run of tasks'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "history" -d 'A task\'s runs, newest first'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "next" -d 'When tasks run next'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "cron-check" -d 'When a cron expression comes true'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l kind -d 'Only tasks of this kind' -r -f -a "hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l enabled -d 'Only those that are enabled'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -l disabled -d 'Only those that are disabled'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l kind -d 'Only tasks of this kind' -r -f -a "hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l enabled -d 'Only those that are enabled'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -l disabled -d 'Only those that are disabled'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -l config -d 'Only what it is to do, as a file that apply reads'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -s f -l file -d 'TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts, bars or bars_sync; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l cron -d 'When it runs, six fields in quotes (over bars also five); without, only when it is told to' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l time-zone -d 'IANA name of the zone of its times; the daemon\'s when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l description -d 'What it is for' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l grace -d 'How late a missed time still runs, e.g. 10m; 0s = on time or not at all, default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l deadline -d 'Longest time that a run may take, e.g. 2h; default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l host -d 'Only this host (several times for several)' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l group -d 'The group of --full' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l type -d 'What a task over bars does' -r -f -a "incremental\t''
full_sync\t''
validation\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l provider -d 'One of [[dms.providers]]; the only one when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l symbol -d 'Only this symbol (several times for several); all that are stored when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l drop-symbol -d 'Take this symbol out of the task\'s list (several times for several): what its provider does not know any more' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l symbols-file -d 'File with symbols, one a line, # before comments; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l interval -d '1m 5m 15m 30m 1h 1d 1wk 1mo; 1d when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l days -d 'How far back, 1 to 73000 days: the first fetch of an incremental task (1825 when it is left out), the range of full_sync (3650), validation (30) and repair (7)' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l from -d 'The first day or time of a fixed range' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l to -d 'The last one, included' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l overlap -d 'Stored bars that an incremental task compares with the source' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l extreme-move -d 'Tell a close that moves by more than this part, e.g. 0.2' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l target -d 'Bring bars to this backup or slave, instead of fetching them; backup/NAME or slave/NAME where both have the name' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l mode -d 'How: what changed, everything again (from a slave also goes what its master does not have), or what differs when it is read back' -r -f -a "incremental\t''
full\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l disabled -d 'Do not let it run at its times yet'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l full -d 'All hosts that Elasticsearch has of a group; new ones are put into the pool'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l sync -d 'Bring backups and slaves up to date afterwards'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l name -d 'A new name' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l cron -d 'When it runs; \'\' = only when it is told to' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l time-zone -d 'IANA name of the zone of its times' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l description -d 'What it is for' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l grace -d 'How late a missed time still runs, e.g. 10m; 0s = on time or not at all, default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l deadline -d 'Longest time that a run may take, e.g. 2h; default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l host -d 'Only this host (several times for several)' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l group -d 'The group of --full' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l type -d 'What a task over bars does' -r -f -a "incremental\t''
full_sync\t''
validation\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l provider -d 'One of [[dms.providers]]; the only one when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l symbol -d 'Only this symbol (several times for several); all that are stored when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l drop-symbol -d 'Take this symbol out of the task\'s list (several times for several): what its provider does not know any more' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l symbols-file -d 'File with symbols, one a line, # before comments; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l interval -d '1m 5m 15m 30m 1h 1d 1wk 1mo; 1d when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l days -d 'How far back, 1 to 73000 days: the first fetch of an incremental task (1825 when it is left out), the range of full_sync (3650), validation (30) and repair (7)' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l from -d 'The first day or time of a fixed range' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l to -d 'The last one, included' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l overlap -d 'Stored bars that an incremental task compares with the source' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l extreme-move -d 'Tell a close that moves by more than this part, e.g. 0.2' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l target -d 'Bring bars to this backup or slave, instead of fetching them; backup/NAME or slave/NAME where both have the name' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l mode -d 'How: what changed, everything again (from a slave also goes what its master does not have), or what differs when it is read back' -r -f -a "incremental\t''
full\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l full -d 'All hosts that Elasticsearch has of a group; new ones are put into the pool'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l sync -d 'Bring backups and slaves up to date afterwards'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -s f -l file -d 'TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts, bars or bars_sync; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l type -d 'Of all, only those of this kind, or over bars of this type' -r -f -a "hosts\t''
bars\t''
bars_sync\t''
incremental\t''
full_sync\t''
validation\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l all -d 'All enabled tasks'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l wait -d 'Wait until the runs have ended'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -l run -d 'The number of a run instead' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -l state -d 'Only runs in this state' -r -f -a "running\t''
completed\t''
partial\t''
failed\t''
cancelled\t''
interrupted\t''
skipped\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -s n -l limit -d 'Most runs' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -s n -l count -d 'How many times' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from next" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -l time-zone -d 'IANA name; the daemon\'s zone when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -l kind -d 'The kind of task that it is for, which refuses what such tasks refuse' -r -f -a "hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -s n -l count -d 'How many times' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand tasks; and __fish_seen_subcommand_from cron-check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "list" -d 'All tasks: when they run next, how they ran last'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "ls" -d 'All tasks: when they run next, how they ran last'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "show" -d 'One task'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "create" -d 'Create a task from a file or from flags'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "update" -d 'Change a task by flags; what is not said stays'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "apply" -d 'Create the task of a file, or update it to what the file says'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "delete" -d 'Forget tasks; their runs stay in the log'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "rm" -d 'Forget tasks; their runs stay in the log'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "enable" -d 'Let tasks run at their times'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "disable" -d 'Let tasks run no more at their times'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "run" -d 'Run tasks now'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "cancel" -d 'Stop the running run of tasks'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "history" -d 'A task\'s runs, newest first'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "next" -d 'When tasks run next'
complete -c syncline -n "__fish_syncline_using_subcommand task; and not __fish_seen_subcommand_from list ls show create update apply delete rm enable disable run cancel history next cron-check" -f -a "cron-check" -d 'When a cron expression comes true'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l kind -d 'Only tasks of this kind' -r -f -a "hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l enabled -d 'Only those that are enabled'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -l disabled -d 'Only those that are disabled'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l kind -d 'Only tasks of this kind' -r -f -a "hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l enabled -d 'Only those that are enabled'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -l disabled -d 'Only those that are disabled'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -l config -d 'Only what it is to do, as a file that apply reads'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -s f -l file -d 'TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts, bars or bars_sync; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l cron -d 'When it runs, six fields in quotes (over bars also five); without, only when it is told to' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l time-zone -d 'IANA name of the zone of its times; the daemon\'s when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l description -d 'What it is for' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l grace -d 'How late a missed time still runs, e.g. 10m; 0s = on time or not at all, default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l deadline -d 'Longest time that a run may take, e.g. 2h; default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l host -d 'Only this host (several times for several)' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l group -d 'The group of --full' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l type -d 'What a task over bars does' -r -f -a "incremental\t''
full_sync\t''
validation\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l provider -d 'One of [[dms.providers]]; the only one when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l symbol -d 'Only this symbol (several times for several); all that are stored when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l drop-symbol -d 'Take this symbol out of the task\'s list (several times for several): what its provider does not know any more' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l symbols-file -d 'File with symbols, one a line, # before comments; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l interval -d '1m 5m 15m 30m 1h 1d 1wk 1mo; 1d when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l days -d 'How far back, 1 to 73000 days: the first fetch of an incremental task (1825 when it is left out), the range of full_sync (3650), validation (30) and repair (7)' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l from -d 'The first day or time of a fixed range' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l to -d 'The last one, included' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l overlap -d 'Stored bars that an incremental task compares with the source' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l extreme-move -d 'Tell a close that moves by more than this part, e.g. 0.2' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l target -d 'Bring bars to this backup or slave, instead of fetching them; backup/NAME or slave/NAME where both have the name' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l mode -d 'How: what changed, everything again (from a slave also goes what its master does not have), or what differs when it is read back' -r -f -a "incremental\t''
full\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l disabled -d 'Do not let it run at its times yet'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l full -d 'All hosts that Elasticsearch has of a group; new ones are put into the pool'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l sync -d 'Bring backups and slaves up to date afterwards'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l name -d 'A new name' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l cron -d 'When it runs; \'\' = only when it is told to' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l time-zone -d 'IANA name of the zone of its times' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l description -d 'What it is for' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l grace -d 'How late a missed time still runs, e.g. 10m; 0s = on time or not at all, default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l deadline -d 'Longest time that a run may take, e.g. 2h; default = as the daemon is told' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l host -d 'Only this host (several times for several)' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l group -d 'The group of --full' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l type -d 'What a task over bars does' -r -f -a "incremental\t''
full_sync\t''
validation\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l provider -d 'One of [[dms.providers]]; the only one when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l symbol -d 'Only this symbol (several times for several); all that are stored when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l drop-symbol -d 'Take this symbol out of the task\'s list (several times for several): what its provider does not know any more' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l symbols-file -d 'File with symbols, one a line, # before comments; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l interval -d '1m 5m 15m 30m 1h 1d 1wk 1mo; 1d when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l days -d 'How far back, 1 to 73000 days: the first fetch of an incremental task (1825 when it is left out), the range of full_sync (3650), validation (30) and repair (7)' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l from -d 'The first day or time of a fixed range' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l to -d 'The last one, included' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l overlap -d 'Stored bars that an incremental task compares with the source' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l extreme-move -d 'Tell a close that moves by more than this part, e.g. 0.2' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l target -d 'Bring bars to this backup or slave, instead of fetching them; backup/NAME or slave/NAME where both have the name' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l mode -d 'How: what changed, everything again (from a slave also goes what its master does not have), or what differs when it is read back' -r -f -a "incremental\t''
full\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l full -d 'All hosts that Elasticsearch has of a group; new ones are put into the pool'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l sync -d 'Bring backups and slaves up to date afterwards'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -s f -l file -d 'TOML, YAML or JSON with name, cron, time_zone, enabled, description, limits and hosts, bars or bars_sync; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l type -d 'Of all, only those of this kind, or over bars of this type' -r -f -a "hosts\t''
bars\t''
bars_sync\t''
incremental\t''
full_sync\t''
validation\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l all -d 'All enabled tasks'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l wait -d 'Wait until the runs have ended'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -l run -d 'The number of a run instead' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -l state -d 'Only runs in this state' -r -f -a "running\t''
completed\t''
partial\t''
failed\t''
cancelled\t''
interrupted\t''
skipped\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -s n -l limit -d 'Most runs' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -s n -l count -d 'How many times' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from next" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -l time-zone -d 'IANA name; the daemon\'s zone when it is left out' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -l kind -d 'The kind of task that it is for, which refuses what such tasks refuse' -r -f -a "hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -s n -l count -d 'How many times' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand task; and __fish_seen_subcommand_from cron-check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "hosts" -d 'CPU, memory and disk figures of hosts, out of Elasticsearch into the inventory'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "status" -d 'Backups and slaves of market data, and how far each is'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "history" -d 'What was brought where: a row for each symbol and interval'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "trigger" -d 'Bring backups up to date'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "push" -d 'Bring bars to a slave'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "request" -d 'At a slave: take bars from its master'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "targets" -d 'Where bars are brought to'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and not __fish_seen_subcommand_from hosts status history trigger push request targets target" -f -a "target" -d 'Where bars are brought to'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l file -d 'File with one address a line; - is stdin' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l group -d 'The group of --full' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l name -d 'What the run is called in the log' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l full -d 'All hosts that Elasticsearch has of a group; new ones are put into the pool'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l pool -d 'All hosts of the pool'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -l detach -d 'Say the run\'s number and do not wait for its end'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from hosts" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -l target -d 'Only this backup or slave; backup/NAME or slave/NAME where both have the name' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -l target -d 'Only to this backup or slave; backup/NAME or slave/NAME where both have the name' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -s n -l limit -d 'Most rows' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -l failed -d 'Only what failed'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l mode -d 'How: what changed, everything again, or what differs when it is read back; the last two take bars out that are not here' -r -f -a "incremental\t''
full\t''
repair\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l symbol -d 'Only this symbol' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l prune -d 'With --mode repair: take series out there that are not here, whoever wrote them: asks first'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l wait -d 'Wait until it is done'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from trigger" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l symbol -d 'Only this symbol' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l from -d 'From this day on' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l to -d 'Up to this day, included' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l full -d 'Compare everything instead of what changed since the last time, and take out what the master does not have: asks first'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l wait -d 'Wait until it is done'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from push" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l symbol -d 'Only this symbol' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l from -d 'From this day on' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l to -d 'Up to this day, included' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l full -d 'Compare everything instead of what changed since the last time, and take out what the master does not have: asks first'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l wait -d 'Wait until it is done'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from request" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "list" -d 'Backups and slaves: those of the daemon\'s configuration, and those that were added'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "ls" -d 'Backups and slaves: those of the daemon\'s configuration, and those that were added'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "test" -d 'Ask a target whether it answers'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "add" -d 'Bring bars to another place too, from now on'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "remove" -d 'Bring bars to a place no more'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "rm" -d 'Bring bars to a place no more'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "enable" -d 'Bring bars again to a place that was disabled'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from targets" -f -a "disable" -d 'Keep a place in the list, and bring nothing there'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "list" -d 'Backups and slaves: those of the daemon\'s configuration, and those that were added'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "ls" -d 'Backups and slaves: those of the daemon\'s configuration, and those that were added'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "test" -d 'Ask a target whether it answers'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "add" -d 'Bring bars to another place too, from now on'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "remove" -d 'Bring bars to a place no more'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "rm" -d 'Bring bars to a place no more'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "enable" -d 'Bring bars again to a place that was disabled'
complete -c syncline -n "__fish_syncline_using_subcommand sync; and __fish_seen_subcommand_from target" -f -a "disable" -d 'Keep a place in the list, and bring nothing there'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "list" -d 'All hosts with their figures'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "ls" -d 'All hosts with their figures'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "show" -d 'One host'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "add" -d 'Add a host'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "update" -d 'Change a host; what is not said stays'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "remove" -d 'Remove hosts; adding one again brings it back'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "rm" -d 'Remove hosts; adding one again brings it back'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "import" -d 'Add and update hosts from a CSV file'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "export" -d 'All hosts as CSV, to stdout or a file'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -l group -d 'Only hosts of this group' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -l grep -d 'Only hosts with this in their name or address' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -l group -d 'Only hosts of this group' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -l grep -d 'Only hosts with this in their name or address' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l name -d 'Its name' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l type -d 'Physical, virtual, …: a word of your own' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l group -d 'The group it belongs to' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l cpus -d 'Its processors' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l memory-gb -d 'Its memory' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l disk-gb -d 'Its disk space' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l remark -d 'Anything else' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l ip -d 'A new address' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l name -d 'Its name' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l type -d 'Physical, virtual, …: a word of your own' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l group -d 'The group it belongs to' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l cpus -d 'Its processors' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l memory-gb -d 'Its memory' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l disk-gb -d 'Its disk space' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l remark -d 'Anything else' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -l file -d 'Write it there instead of to stdout' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand hosts; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "list" -d 'All hosts with their figures'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "ls" -d 'All hosts with their figures'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "show" -d 'One host'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "add" -d 'Add a host'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "update" -d 'Change a host; what is not said stays'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "remove" -d 'Remove hosts; adding one again brings it back'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "rm" -d 'Remove hosts; adding one again brings it back'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "import" -d 'Add and update hosts from a CSV file'
complete -c syncline -n "__fish_syncline_using_subcommand host; and not __fish_seen_subcommand_from list ls show add update remove rm import export" -f -a "export" -d 'All hosts as CSV, to stdout or a file'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -l group -d 'Only hosts of this group' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -l grep -d 'Only hosts with this in their name or address' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -l group -d 'Only hosts of this group' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -l grep -d 'Only hosts with this in their name or address' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l name -d 'Its name' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l type -d 'Physical, virtual, …: a word of your own' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l group -d 'The group it belongs to' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l cpus -d 'Its processors' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l memory-gb -d 'Its memory' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l disk-gb -d 'Its disk space' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l remark -d 'Anything else' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l ip -d 'A new address' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l name -d 'Its name' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l type -d 'Physical, virtual, …: a word of your own' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l group -d 'The group it belongs to' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l cpus -d 'Its processors' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l memory-gb -d 'Its memory' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l disk-gb -d 'Its disk space' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l remark -d 'Anything else' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -l file -d 'Write it there instead of to stdout' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand host; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -f -a "list" -d 'All nodes; the leader is marked'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -f -a "ls" -d 'All nodes; the leader is marked'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and not __fish_seen_subcommand_from list ls show" -f -a "show" -d 'One node'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand nodes; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -f -a "list" -d 'All nodes; the leader is marked'
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -f -a "ls" -d 'All nodes; the leader is marked'
complete -c syncline -n "__fish_syncline_using_subcommand node; and not __fish_seen_subcommand_from list ls show" -f -a "show" -d 'One node'
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand node; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l since -d 'Not before this time: 1h (ago), RFC 3339 or @epoch' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l until -d 'Not after this time' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l level -d 'This level and worse' -r -f -a "error\t''
warn\t''
info\t''
debug\t''
trace\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l grep -d 'Only lines that contain this text' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -s n -l lines -d 'Most lines to begin with' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -s f -l follow -d 'Go on with new lines as they come'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -a "runs" -d 'What ran: attempts at jobs, newest first'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -a "show" -d 'One run: its figures, items and events'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -a "audit" -d 'Who changed what, newest first'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and not __fish_seen_subcommand_from runs show audit prune" -a "prune" -d 'Delete runs that ended long ago'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l job -d 'Only runs of this job or task: its name, number or id; also of one that is gone' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l task -d 'Only runs of this task' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l kind -d 'Only runs of this kind' -r -f -a "migration\t''
sync\t''
subscription\t''
hosts\t''
bars\t''
bars_sync\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l state -d 'Only runs in this state' -r -f -a "running\t''
completed\t''
partial\t''
failed\t''
cancelled\t''
interrupted\t''
skipped\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l since -d 'Only runs that started after this time: 1h (ago), RFC 3339 or @epoch' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -s n -l limit -d 'Most runs' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from runs" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -l state -d 'Only items with this outcome' -r -f -a "running\t''
inserted\t''
updated\t''
unchanged\t''
no_data\t''
not_in_pool\t''
copied\t''
equal\t''
different\t''
failed\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -l items -d 'Only its items, e.g. hosts, as one table'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l object -d 'Only changes of this object: a job\'s or task\'s id, run/N, host/ADDRESS' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l who -d 'Only changes by the token of this name' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l since -d 'Only changes after this time: 1h (ago), RFC 3339 or @epoch' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -s n -l limit -d 'Most lines' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from audit" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -l older-than -d 'Runs that ended before this time: 30d (ago), RFC 3339 or @epoch' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand logs; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -f -a "status" -d 'Version, age, memory, listeners and jobs of the daemon'
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -f -a "metrics" -d 'The figures of the daemon and its jobs, as Prometheus reads them at /metrics'
complete -c syncline -n "__fish_syncline_using_subcommand server; and not __fish_seen_subcommand_from status metrics log-level" -f -a "log-level" -d 'What the daemon logs; with a level: changes it at once, until the daemon restarts'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from metrics" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand server; and __fish_seen_subcommand_from log-level" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -f -a "show" -d 'The settings that `serve` would run with here'
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -f -a "check" -d 'Check a configuration file and the environment; every complaint at once'
complete -c syncline -n "__fish_syncline_using_subcommand config; and not __fish_seen_subcommand_from show check init" -f -a "init" -d 'Write a configuration file with every key and its default'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'The file, instead of the usual places' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l effective -d 'Also the keys that have their default'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Also where each value comes from'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'The file, instead of the usual places' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -f -a "check" -d 'Check that a server can be the source or the target of a job'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -f -a "schemas" -d 'List a server\'s schemas and tables'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and not __fish_seen_subcommand_from check schemas columns" -f -a "columns" -d 'List a table\'s columns'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l password-file -d 'File that holds the password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l password-env -d 'Environment variable that holds the password' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l tls -d 'TLS towards the server' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l role -d 'What it is to be' -r -f -a "source\t''
target\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -l print-grants -d 'Print the GRANT statements that the account needs, and nothing else'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l password-file -d 'File that holds the password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l password-env -d 'Environment variable that holds the password' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l tls -d 'TLS towards the server' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from schemas" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l password-file -d 'File that holds the password' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l password-env -d 'Environment variable that holds the password' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l tls -d 'TLS towards the server' -r -f -a "disabled\t''
preferred\t''
required\t''
verify-identity\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l tls-ca -d 'PEM file with the authorities to trust, on the daemon\'s machine' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand mysql; and __fish_seen_subcommand_from columns" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -f -a "check" -d 'Check that an endpoint answers, and what its index pattern reaches'
complete -c syncline -n "__fish_syncline_using_subcommand es; and not __fish_seen_subcommand_from check fields" -f -a "fields" -d 'Compare the configured fields with those that the documents have'
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l endpoint -d 'Elasticsearch or OpenSearch, e.g. http://es:9200' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l style -d 'How it is asked: search or proxy' -r -f -a "search\t''
proxy\t''"
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l index-pattern -d 'Index pattern, e.g. \'cluster*:data-zabbix-host-monitor-*\'' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l range -d 'How far back: a number and one of s, m, h, d, w, M, y' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -l all -d 'Also list all fields that there are'
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand es; and __fish_seen_subcommand_from fields" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "add" -d 'Add a context, or change one'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "use" -d 'Make a context the current one'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "list" -d 'All contexts'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "ls" -d 'All contexts'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "show" -d 'One context; without a name the current one'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "remove" -d 'Forget a context; its token file stays'
complete -c syncline -n "__fish_syncline_using_subcommand context; and not __fish_seen_subcommand_from add use list ls show remove rm" -f -a "rm" -d 'Forget a context; its token file stays'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -l use -d 'Make it the current one'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -l dry-run -d 'Say what would be done, and do nothing'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Answer every question with yes'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand context; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand api" -s d -l data -d 'The body: JSON, @FILE or @- for stdin' -r
complete -c syncline -n "__fish_syncline_using_subcommand api" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand api" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand api" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand api" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand api" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand api" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand api" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand explain" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand explain" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand explain" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand explain" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand explain" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand explain" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand explain" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand version" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand version" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand version" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand version" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand version" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand version" -l client -d 'Do not ask the daemon'
complete -c syncline -n "__fish_syncline_using_subcommand version" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand version" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand completions" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand completions" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand completions" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand completions" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand completions" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand completions" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand completions" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand man" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand man" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand man" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand man" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand man" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand man" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand man" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand generate" -l dir -d 'The source tree' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand generate" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand generate" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand generate" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand generate" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand generate" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand generate" -l check -d 'Write nothing; say what is stale'
complete -c syncline -n "__fish_syncline_using_subcommand generate" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand generate" -s h -l help -d 'Print help'
complete -c syncline -n "__fish_syncline_using_subcommand help" -s o -l output -d 'Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
ndjson\t''
csv\t''
name\t''"
complete -c syncline -n "__fish_syncline_using_subcommand help" -l context -d 'Use this context instead of the current one [env: SYNCLINE_CONTEXT]' -r
complete -c syncline -n "__fish_syncline_using_subcommand help" -l server -d 'Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]' -r
complete -c syncline -n "__fish_syncline_using_subcommand help" -l token-file -d 'File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]' -r -F
complete -c syncline -n "__fish_syncline_using_subcommand help" -l timeout -d 'Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits' -r
complete -c syncline -n "__fish_syncline_using_subcommand help" -s q -l quiet -d 'Print ids only'
complete -c syncline -n "__fish_syncline_using_subcommand help" -s h -l help -d 'Print help'
