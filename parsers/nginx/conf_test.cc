// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/conf.h"

#include <doctest/doctest.h>

#include "tests/testing/temp_dir.h"

namespace hctail::nginx {
namespace {

constexpr std::string_view kMain = R"(
user www-data;
events { worker_connections 768; } # a comment with a ' in it
http {
    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status; "$http_referer"'   # a ';' in quotes
                      "\"$http_user_agent\"";
    log_format json escape=json '{"a":"$remote_addr",' '"b":"${status}"}';
    log_format raw escape=none $remote_addr\ $status;
    log_format
      late
      '$host' ;
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    access_log off;
    access_log /var/log/nginx/a.log main buffer=32k;
    include conf.d/*.conf;
    include sites/missing.conf;
}
)";

TEST_CASE("FindFormat: reads what nginx would, over all files that are included") {
  const testing::TempDir dir;
  const std::string path = dir.Write("nginx.conf", kMain);
  dir.Write("conf.d/1.conf", "log_format one '$a';\n");
  dir.Write(
      "conf.d/2.conf",
      "server { location / { content_by_lua_block { local s = \"it's\" if x then {} end\n"
      " -- it's no end }\n --[[ nor }\n is this } ]] local t = '}' .. [=[ ]] } ]=] .. \"\\\"}\" }\n"
      " access_log /x/b.log deep; } }\ninclude snippets/deep;\n");
  dir.Write("snippets/deep", "log_format deep \"$x\\t'$y'\";");
  struct Case {
    const char* name;
    std::string_view text;
    Escape escape;
  };
  constexpr Case kCases[] = {
      {"main",
       "$remote_addr - $remote_user [$time_local] \"$request\" $status; \"$http_referer\""
       "\"$http_user_agent\"",
       Escape::kDefault},
      {"json", "{\"a\":\"$remote_addr\",\"b\":\"${status}\"}", Escape::kJson},
      {"raw", "$remote_addr\\ $status", Escape::kNone},
      {"late", "$host", Escape::kDefault},
      {"one", "$a", Escape::kDefault},
      {"deep", "$x\t'$y'", Escape::kDefault},
      {"combined",
       "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
       "\"$http_referer\" \"$http_user_agent\"",
       Escape::kDefault},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.name);
    const auto format = FindFormat(path, c.name);
    REQUIRE(format.has_value());
    CHECK(format->text == c.text);
    CHECK(format->escape == c.escape);
  }
}

TEST_CASE("FindFormat: an unknown name is answered with the names there are") {
  const testing::TempDir dir;
  const std::string path = dir.Write("nginx.conf", kMain);
  const auto format = FindFormat(path, "mian");
  REQUIRE(!format.has_value());
  CHECK(format.error().message == "there is no log_format 'mian' in '" + path + "'");
  CHECK(format.error().hint == "There are: main, json, raw, late.\ncannot read '" + dir.path() +
                                   "/sites/missing.conf': no such file or directory "
                                   "(included by " +
                                   path + ":17)");
}

TEST_CASE("FindFormat: without a name the only format in use is taken") {
  const testing::TempDir dir;
  const std::string one = dir.Write("one.conf",
                                    "log_format a '$x';\nlog_format b '$y';\n"
                                    "access_log /x b;\n");
  CHECK(FindFormat(one, "")->text == "$y");
  const std::string only = dir.Write("only.conf", "log_format a '$x';\n");
  CHECK(FindFormat(only, "")->text == "$x");
  const std::string none = dir.Write("none.conf", "worker_processes 1;\n");
  CHECK(FindFormat(none, "")->text.starts_with("$remote_addr - "));
  const std::string two = dir.Write("two.conf", "access_log /x a;\naccess_log /y;\n");
  const auto format = FindFormat(two, "");
  REQUIRE(!format.has_value());
  CHECK(format.error().message == "'" + two + "' has 2 log formats, and none was chosen");
  CHECK(format.error().hint == "Choose one with --nginx.format: a, combined.");
}

TEST_CASE("FindFormat: what is no configuration is refused with its place") {
  const testing::TempDir dir;
  CHECK(FindFormat(dir.File("gone"), "x").error().message ==
        "cannot read '" + dir.File("gone") + "': no such file or directory");
  const std::string open = dir.Write("open.conf", "a b;\nlog_format x 'y;\n");
  CHECK(FindFormat(open, "x").error().message ==
        "'" + open + "' is no nginx configuration: line 2 begins a quote that is not closed");
  const std::string mode = dir.Write("mode.conf", "log_format x escape=url '$y';\n");
  CHECK(FindFormat(mode, "x").error().message ==
        mode + ":1: unknown 'escape=url' of log_format 'x'");
}

TEST_CASE("FindFormat: files that include themselves end") {
  const testing::TempDir dir;
  const std::string path = dir.Write("loop.conf", "log_format a '$x';\ninclude loop.conf;\n");
  CHECK(FindFormat(path, "a").has_value());
}

}  // namespace
}  // namespace hctail::nginx
