// SPDX-License-Identifier: Apache-2.0
#include "parsers/multiline/trace.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace hctail::multiline {
namespace {

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string Replaced(std::string text, std::string_view what, std::string_view by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// Records, as they should be, with a line of "====" between them; the test removes those and wants
// them back.  An arrow stands for a tab and a dot for a blank at the end of a line.
void Check(const std::string& language, std::string_view written) {
  const std::string records =
      Replaced(Replaced(std::string(written.substr(1)), "→", "\t"), "·", " ");
  CAPTURE(language);
  TraceLines trace(*LanguagesOf(language));
  std::string grouped;
  bool first = true;
  for (const std::string& line : LinesOf(records)) {
    if (line == "====") continue;
    if (first || !trace.Continues(line)) {
      if (!first) grouped += "====\n";
      trace.Begin(line);
      first = false;
    }
    grouped += line + "\n";
  }
  CHECK(grouped == records);
}

void CheckAlsoAuto(const std::string& language, std::string_view records) {
  Check(language, records);
  Check("auto", records);
}

TEST_CASE("TraceLines: Java") {
  CheckAlsoAuto("java", R"(
2024-03-05 06:07:07 INFO started
====
2024-03-05 06:07:08 ERROR [main] com.example.Shop - cannot pay
java.lang.IllegalStateException: no card
→at com.example.Shop.pay(Shop.java:42)
→at java.base/java.lang.Thread.run(Thread.java:833)
→at com.example.Shop$$Lambda$14/0x0000000800c03000.run(Unknown Source)
→Suppressed: java.io.IOException: close
→→at com.example.Shop.close(Shop.java:50)
→→... 1 more
Caused by: java.net.SocketTimeoutException: Read timed out
→at java.base/java.net.Socket.read(Native Method)
→... 23 more
Caused by: com.example.NoAnswerException
→... 25 common frames omitted
====
2024-03-05 06:07:09 INFO next
====
2024-03-05 06:07:09 WARN java.lang.RuntimeException: in the line itself
→at a.B.c(B.java:1)
====
Exception in thread "main" java.lang.NullPointerException: x
→at a.B.main(B.java:3)
====
java.lang.OutOfMemoryError: Java heap space
====
java.util.concurrent.CompletionException: com.example.Other$NotFound: gone
→at a.B.c(B.java:1)
====
com.example.ErrorHandler: started
====
com.example.Service: Exception seen
)");
}

TEST_CASE("TraceLines: .NET") {
  CheckAlsoAuto("dotnet", R"(
info: Microsoft.Hosting.Lifetime[14]
      Now listening on: http://localhost:5000
====
fail: Microsoft.AspNetCore.Server.Kestrel[13]
      Connection id "0HM", Request id "0HM:1": An unhandled exception was thrown.
      System.InvalidOperationException: outer
       ---> System.ArgumentException: inner (Parameter 'x')
         at Shop.Pay(String card) in /src/Shop.cs:line 42
         --- End of inner exception stack trace ---
         at Shop.Run()
====
2024-03-05 06:07:08 [ERR] cannot pay
System.InvalidOperationException: outer
 ---> Npgsql.PostgresException (0x80004005): 42P01: relation "x" does not exist
   at Npgsql.Read(Boolean async)
   --- End of inner exception stack trace ---
   at Shop.Pay(String card) in C:\src\Shop.cs:line 42
--- End of stack trace from previous location ---
   at Shop.Run()
---> (Inner Exception #0) System.Exception: y
   at Shop.Run()<---
====
Unhandled exception. System.Exception: z
   at Program.Main(String[] args) in /src/Program.cs:line 3
====
2024-03-05 06:07:09 [INF] next
)");
}

TEST_CASE("TraceLines: Python") {
  CheckAlsoAuto("python", R"(
2024-03-05 06:07:08,123 ERROR root: cannot pay
Traceback (most recent call last):
  File "/app/shop.py", line 42, in pay
    card.charge(total / count)
                ~~~~~~^~~~~~~
  [Previous line repeated 996 more times]
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/shop.py", line 44, in pay
    raise ValueError("x") from e
ValueError: x

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop.py", line 50, in <module>
sqlalchemy.exc.IntegrityError: (psycopg2.errors.UniqueViolation) duplicate key
DETAIL:  Key (id)=(1) already exists.

[SQL: INSERT INTO x VALUES (%(id)s)]
[parameters: {'id': 1}]
(Background on this error at: https://sqlalche.me/e/20/gkpj)
====
2024-03-05 06:07:09,123 INFO root: next
Traceback (most recent call last):
  File "/app/shop.py", line 3, in <module>
KeyboardInterrupt
====
Traceback (most recent call last):
  File "/app/shop.py", line 3, in <module>
    import x
  File "/app/x.py", line 1
    foo(
       ^
SyntaxError: '(' was never closed
====
done
  + Exception Group Traceback (most recent call last):
  |   File "/app/x.py", line 1, in <module>
  |     raise ExceptionGroup("eg", [ValueError(1)])
  | ExceptionGroup: eg (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +------------------------------------
====
{"level":"info","msg":"in JSON"}
====
Traceback (most recent call last):
  File "/app/shop.py", line 3, in <module>
mod.func.<locals>.Gone: x
)");
}

TEST_CASE("TraceLines: Go") {
  CheckAlsoAuto("go", R"(
2024/03/05 06:07:08 started
====
panic: runtime error: invalid memory address or nil pointer dereference [recovered]
→panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]

goroutine 1 [running]:
panic({0x4b9d40?, 0x54d3e0?})
→/usr/local/go/src/runtime/panic.go:914 +0x21f
main.(*Shop).Pay(...)
→/app/shop.go:42
main.main()
→/app/main.go:5 +0x1d

goroutine 18 [chan receive, 2 minutes]:
net/http.(*conn).serve(0xc0000b4000, {0x7d5a50, 0xc000098c00})
→/usr/local/go/src/net/http/server.go:2009 +0x5f4
created by net/http.(*Server).Serve in goroutine 1
→/usr/local/go/src/net/http/server.go:3086 +0x5cb
exit status 2
====
2024/03/05 06:07:09 http: panic serving 10.0.0.1:3456: boom
goroutine 34 [running]:
net/http.(*conn).serve.func1()
→/usr/local/go/src/net/http/server.go:1868 +0xb9
====
2024/03/05 06:07:10 next (it says)
====
runtime: goroutine stack exceeds 1000000000-byte limit
sp=0xc020160390 stack=[0xc020160000, 0xc040160000]
fatal error: stack overflow

runtime stack:
runtime.throw({0x4720c9?, 0x511f60?})
→/usr/local/go/src/runtime/panic.go:1077 +0x5c fp=0x7ffd sp=0x7ffd pc=0x42f1dc

goroutine 1 [running]:
main.f(0x1)
→/app/main.go:5 +0x1d
...additional frames elided...
====
SIGQUIT: quit
PC=0x461d41 m=0 sigcode=0

goroutine 0 [idle]:
runtime.futex()
→/usr/local/go/src/runtime/sys_linux_amd64.s:557 +0x21
rax    0xca
rip    0x461d41
====
{"level":"info"}
====
goroutine 7 [running]:
runtime/debug.Stack()
→/usr/local/go/src/runtime/debug/stack.go:24 +0x5e
====
main.work started
)");
}

TEST_CASE("TraceLines: Node") {
  CheckAlsoAuto("node", R"(
Server on 3000
====
/app/index.js:3
    throw new Error('boom');
    ^

Error: boom
    at pay (/app/index.js:3:11)
    at node:internal/main/run_main_module:28:49 {
  code: 'E_PAY',
  [cause]: TypeError: x is not a function
      at f (/app/card.js:1:1)
}

Node.js v20.11.0
====
file:///app/index.mjs:1
throw 'text'
^
text
(Use `node --trace-uncaught ...` to show where the exception was thrown)
Thrown at:
    at file:///app/index.mjs:1:1
====
TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument
    at Object.open (node:fs:585:3) {
  code: 'ERR_INVALID_ARG_TYPE'
}
====
cannot pay Error: declined
    at pay (/app/index.js:9:9)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
====
Error: second
    at async run (/app/index.js:20:3)
====
next
====
GET /health: 200
)");
}

TEST_CASE("TraceLines: Ruby") {
  CheckAlsoAuto("ruby", R"(
E, [2024-03-05T06:07:08.123456 #1] ERROR -- : cannot pay (RuntimeError)
/app/shop.rb:42:in `pay'
/usr/lib/ruby/3.1.0/webrick/server.rb:310:in `block in start_thread'
====
app.rb:3:in `work': boom (RuntimeError)
→from app.rb:7:in `block in <main>'
→from app.rb:10:in `<main>'
====
app.rb:3:in 'Box#work': boom (RuntimeError)
→from app.rb:10:in '<main>'
====
I, [2024-03-05T06:07:09.123456 #1]  INFO -- : next
====
ActionController::RoutingError (No route matches [GET] "/x"):
·
app/controllers/x.rb:12:in `index'
)");
}

TEST_CASE("TraceLines: PHP") {
  CheckAlsoAuto("php", R"(
[05-Mar-2024 06:07:08 UTC] PHP Fatal error:  Uncaught Exception: boom in /app/x.php:3
Stack trace:
#0 /app/x.php(7): pay()
#1 /app/x.php(10): Shop->run('a', 1)
#2 {main}

Next RuntimeException: later in /app/x.php:5
Stack trace:
#0 {main}
  thrown in /app/x.php on line 5
====
[05-Mar-2024 06:07:09 UTC] PHP Warning:  x in /app/y.php on line 1
====
[2024-03-05 06:07:08] production.ERROR: boom {"exception":"[object] (Exception(code: 0): boom at /app/x.php:3)
[stacktrace]
#0 /app/vendor/laravel/framework/src/Router.php(12): App\\Http\\Controllers->index()
#10 {main}

[previous exception] [object] (Error(code: 0): first at /app/x.php:1)
[stacktrace]
#0 {main}
"}·
====
# 1 is a number
)");
}

TEST_CASE("TraceLines: what is no trace is left alone") {
  Check("auto", R"(
10.0.0.1 - - [05/Mar/2024:06:07:08 +0000] "GET / HTTP/1.1" 200 13
====
{"a":1}
====
{"a":2}
====

====

====
level=info msg="at work"
====
panicked: no
====
Error reading /etc/x
====
}
====
at last
====
DETAIL: x
====
#3 with no trace before it
)");
}

TEST_CASE("TraceLines: only the languages asked for") {
  Check("go", R"(
cannot pay
====
java.lang.IllegalStateException: no card
→at com.example.Shop.pay(Shop.java:42)
====
Caused by: java.net.SocketTimeoutException: Read timed out
)");
  CHECK_FALSE(LanguagesOf("cobol").has_value());
  CHECK_FALSE(LanguagesOf("").has_value());
}

TEST_CASE("TraceLines: knows a record that is a trace from one that has a trace") {
  TraceLines trace(kAllLanguages);
  trace.Begin("panic: x");
  CHECK(trace.is_trace());
  trace.Begin("2024 ERROR x");
  CHECK_FALSE(trace.has_trace());
  CHECK(trace.Continues("java.lang.Error: x"));
  CHECK(trace.has_trace());
  CHECK_FALSE(trace.is_trace());
  trace.Begin("TypeError: x");
  CHECK_FALSE(trace.is_trace());
  CHECK(trace.Continues("    at f (/app/x.js:1:1)"));
  CHECK(trace.is_trace());
  trace.Begin("2024 ERROR x");
  CHECK(trace.Continues("   indented"));
  CHECK_FALSE(trace.has_trace());
}

}  // namespace
}  // namespace hctail::multiline
