// SPDX-License-Identifier: Apache-2.0
// The library of named patterns.  RE2 has no look-around, so an address or a number is not checked
// for what stands beside it: anchor it with the text that does.
#include "parsers/regex/grok.h"

namespace hctail::regex {
namespace {

// In the order of their names.
constexpr GrokPattern kPatterns[] = {
    {"BASE10NUM", R"([+-]?(?:\d+(?:\.\d*)?|\.\d+))", "-12.5"},
    {"BASE16FLOAT", R"([+-]?(?:0x)?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+))", "0x1F.8"},
    {"BASE16NUM", R"([+-]?(?:0x)?[0-9A-Fa-f]+)", "0x1F"},
    {"BOOL", R"((?i:true|false))", "true"},
    {"CATALINA_DATESTAMP",
     R"x(%{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:?%{MINUTE}(?::?%{SECOND}) (?:AM|)x"
     R"x(PM))x",
     "Mar 05, 2024 6:07:08 AM"},
    {"CISCOMAC", R"((?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})", "001b.6384.45e6"},
    {"COMBINEDAPACHELOG", R"(%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent})",
     R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8.0")"},
    {"COMMONAPACHELOG",
     R"(%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] )"
     R"x("(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" )x"
     R"(%{INT:response} (?:%{INT:bytes}|-))",
     R"(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5)"},
    {"COMMONMAC", R"((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})", "00:1b:63:84:45:e6"},
    {"CRONLOG",
     R"x(%{SYSLOGBASE} \(%{USER:user}\) %{CRON_ACTION:action} \(%{DATA:message})x"
     R"x(\))x",
     "Mar  5 06:07:08 web-1 CRON[42]: (root) CMD (true)"},
    {"CRON_ACTION", R"([A-Z ]+)", "CMD"},
    {"DATA", R"(.*?)", "anything, as little as possible"},
    {"DATE", R"((?:%{DATE_US}|%{DATE_EU}))", "03/05/2024"},
    {"DATESTAMP", R"(%{DATE}[- ]%{TIME})", "03/05/2024 06:07:08"},
    {"DATESTAMP_EVENTLOG", R"(%{YEAR}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND})",
     "20240305060708"},
    {"DATESTAMP_OTHER", R"(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR})",
     "Tue Mar 05 06:07:08 UTC 2024"},
    {"DATESTAMP_RFC2822", R"(%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE})",
     "Tue, 05 Mar 2024 06:07:08 +0000"},
    {"DATESTAMP_RFC822", R"(%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ})",
     "Tue Mar 05 2024 06:07:08 UTC"},
    {"DATE_EU", R"(%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR})", "05.03.2024"},
    {"DATE_US", R"(%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR})", "03/05/2024"},
    {"DAY", R"((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*)", "Tuesday"},
    {"DURATION", R"(\d+(?:\.\d+)?(?:ns|us|\x{B5}s|\x{3BC}s|ms|s|m|h))", "12.5ms"},
    {"EMAILADDRESS", R"([\w.+=:-]+@%{HOSTNAME})", "ada@example.com"},
    {"EMAILLOCALPART", R"([A-Za-z0-9][\w.+=:-]*)", "ada.l+log"},
    {"EPOCH", R"(\d{10}(?:\.?\d{1,9})?)", "1709618828.123"},
    {"GREEDYDATA", R"(.*)", "anything"},
    {"HOSTNAME", R"([0-9A-Za-z][0-9A-Za-z_-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z_-]{0,62})*\.?)",
     "www.example.com"},
    {"HOSTPORT", R"(%{IPORHOST}:%{POSINT})", "example.com:443"},
    {"HOUR", R"((?:2[0-3]|[01]?\d))", "06"},
    {"HTTPDATE", R"(%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT})", "05/Mar/2024:06:07:08 +0000"},
    {"HTTPDERROR_DATE", R"(%{DAY} %{MONTH} +%{MONTHDAY} %{TIME} %{YEAR})",
     "Tue Mar 05 06:07:08.123456 2024"},
    {"HTTPDUSER", R"((?:%{EMAILADDRESS}|%{USER}))", "ada@example.com"},
    {"HTTPD_COMBINEDLOG", R"(%{COMBINEDAPACHELOG})",
     R"x(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8.0")x"},
    {"HTTPD_COMMONLOG", R"(%{COMMONAPACHELOG})",
     R"x(10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 5)x"},
    {"HTTPD_ERRORLOG",
     R"x(\[%{HTTPDERROR_DATE:timestamp}\] \[(?:%{WORD:module}?:)?%{LOGLEVEL:log)x"
     R"x(level}\](?: \[pid %{POSINT:pid}(?::tid %{NUMBER:tid})?\])?(?: \(%{POSI)x"
     R"x(NT:proxy_errorcode}\)%{DATA:proxy_message}:)?(?: \[client %{IPORHOST:c)x"
     R"x(lientip}(?::%{POSINT:clientport})?\])?(?: (?P<errorcode>AH\d+):)? %{GR)x"
     R"x(EEDYDATA:message})x",
     "[Tue Mar 05 06:07:08.123456 2024] [core:error] [pid 42:tid 43] [client 10.0.0.1:5000] "
     "AH00037: not allowed"},
    {"HTTPMETHOD", R"((?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH))", "GET"},
    {"INT", R"([+-]?\d+)", "-42"},
    {"IP", R"((?:%{IPV6}|%{IPV4}))", "2001:db8::1"},
    {"IPORHOST", R"((?:%{IP}|%{HOSTNAME}))", "10.0.0.1"},
    {"IPV4", R"((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))", "10.0.0.1"},
    {"IPV6",
     R"((?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|)"
     R"((?:[0-9A-Fa-f]{1,4}:){1,6}(?:(?::[0-9A-Fa-f]{1,4}){1,6}|:)|)"
     R"(::(?:[0-9A-Fa-f]{1,4}:){0,6}(?:%{IPV4}|[0-9A-Fa-f]{1,4})|)"
     R"(::)(?:%\w+)?)",
     "2001:db8::1"},
    {"ISO8601_SECOND", R"(%{SECOND})", "08.123"},
    {"ISO8601_TIMEZONE", R"((?:Z|[+-]%{HOUR}(?::?%{MINUTE})?))", "+01:00"},
    {"JAVACLASS", R"((?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*)", "com.example.Main"},
    {"JAVAFILE", R"([\w$. -]+)", "Main.java"},
    {"JAVALOGMESSAGE", R"(.*)", "anything"},
    {"JAVAMETHOD", R"((?:<(?:cl)?init>|[A-Za-z$_][\w$]*))", "<init>"},
    {"JAVASTACKTRACEPART",
     R"x(%{SPACE}at %{JAVACLASS:class}\.%{JAVAMETHOD:method}\(%{JAVAFILE:file}()x"
     R"x(?::%{INT:line})?\))x",
     "\tat com.example.Main.run(Main.java:42)"},
    {"JAVATHREAD", R"([A-Z]{2}-Processor\d+)", "TP-Processor3"},
    {"LOGLEVEL",
     R"((?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|)"
     R"(severe|emerg(?:ency)?|alert|panic))",
     "WARN"},
    {"LOGTIME", R"((?:%{TIMESTAMP_ISO8601}|%{HTTPDATE}|%{SYSLOGTIMESTAMP}|%{DATESTAMP}))",
     "2024-03-05 06:07:08,123"},
    {"MAC", R"((?:%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}))", "00:1b:63:84:45:e6"},
    {"MINUTE", R"([0-5]\d)", "07"},
    {"MONTH", R"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)", "Mar"},
    {"MONTHDAY", R"((?:0[1-9]|[12]\d|3[01]|[1-9]))", "05"},
    {"MONTHNUM", R"((?:0[1-9]|1[0-2]|[1-9]))", "03"},
    {"MONTHNUM2", R"((?:0[1-9]|1[0-2]))", "03"},
    {"NONNEGINT", R"(\d+)", "42"},
    {"NOTSPACE", R"(\S+)", "x=1"},
    {"NUMBER", R"(%{BASE10NUM})", "12.5"},
    {"PATH", R"((?:%{UNIXPATH}|%{WINPATH}))", "/var/log/x"},
    {"POSINT", R"([1-9]\d*)", "42"},
    {"PROG", R"([!-Z\\^-~]+)", "sshd"},
    {"QS", R"(%{QUOTEDSTRING})", R"x("a \"b\"")x"},
    {"QUOTEDSTRING", R"((?:"(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*'))", R"x("a \"b\"")x"},
    {"REDISTIMESTAMP", R"(%{MONTHDAY} %{MONTH} (?:%{YEAR} )?%{TIME})", "05 Mar 06:07:08.123"},
    {"SECOND", R"((?:[0-5]?\d|60)(?:[.,]\d+)?)", "08.123"},
    {"SPACE", R"(\s*)", " "},
    {"SYSLOGBASE",
     R"x(%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logso)x"
     R"x(urce} %{SYSLOGPROG}:)x",
     "Mar  5 06:07:08 web-1 sshd[42]:"},
    {"SYSLOGBASE2",
     R"x((?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601}) (?)x"
     R"x(:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource}(?: %{SYSLOGPROG}:)?)x",
     "2024-03-05T06:07:08Z web-1 sshd[42]:"},
    {"SYSLOGFACILITY", R"(<%{NONNEGINT:facility}\.%{NONNEGINT:priority}>)", "<13.5>"},
    {"SYSLOGHOST", R"(%{IPORHOST})", "web-1"},
    {"SYSLOGLINE", R"(%{SYSLOGBASE2} %{GREEDYDATA:message})",
     "Mar  5 06:07:08 web-1 sshd[42]: closed"},
    {"SYSLOGPROG", R"(%{PROG:program}(?:\[%{POSINT:pid}\])?)", "sshd[42]"},
    {"SYSLOGTIMESTAMP", R"(%{MONTH} +%{MONTHDAY} %{TIME})", "Mar  5 06:07:08"},
    {"TIME", R"(%{HOUR}:%{MINUTE}:%{SECOND})", "06:07:08"},
    {"TIMESTAMP_ISO8601",
     R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:%{MINUTE}(?::%{SECOND})?%{ISO8601_TIMEZONE}?)",
     "2024-03-05T06:07:08.9Z"},
    {"TOMCAT_DATESTAMP", R"(%{YEAR}-%{MONTHNUM}-%{MONTHDAY} %{TIME} %{ISO8601_TIMEZONE})",
     "2024-03-05 06:07:08,123 +0000"},
    {"TTY", R"(/dev/(?:pts|tty)[\w/]*)", "/dev/pts/0"},
    {"TZ", R"([A-Z]{3,5})", "CEST"},
    {"UNIXPATH", R"((?:/[^\s/]*)+)", "/var/log/x"},
    {"URI", R"([A-Za-z][A-Za-z0-9+.-]*://\S+)", "https://example.com/a?b=c"},
    {"URIHOST", R"(%{IPORHOST}(?::%{POSINT:port})?)", "example.com:443"},
    {"URIPARAM", R"(\?[^\s#]*)", "?b=c"},
    {"URIPATH", R"(/[^\s?#]*)", "/a/b"},
    {"URIPATHPARAM", R"(%{URIPATH}(?:\?[^\s#]*)?)", "/a?b=c"},
    {"URIPROTO", R"([A-Za-z][A-Za-z0-9+.-]*)", "https"},
    {"URN", R"x((?i:urn):[0-9A-Za-z][0-9A-Za-z-]{0,31}:[0-9A-Za-z()+,.:=@;$_!*'/?#%-]+)x",
     "urn:isbn:0451450523"},
    {"USER", R"(%{USERNAME})", "ada"},
    {"USERNAME", R"([\w.@-]+)", "ada"},
    {"UUID", R"([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})",
     "123e4567-e89b-12d3-a456-426614174000"},
    {"WINDOWSMAC", R"((?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})", "00-1b-63-84-45-e6"},
    {"WINPATH", R"((?:[A-Za-z]:|\\)(?:\\[^\\?*\s]*)+)", R"(C:\Windows\x.log)"},
    {"WORD", R"(\w+)", "word"},
    {"YEAR", R"((?:\d{2}){1,2})", "2024"},
};

}  // namespace

std::span<const GrokPattern> GrokPatterns() { return kPatterns; }

}  // namespace hctail::regex
