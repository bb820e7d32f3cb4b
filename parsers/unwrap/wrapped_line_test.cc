// SPDX-License-Identifier: Apache-2.0
#include "parsers/unwrap/wrapped_line.h"

#include <doctest/doctest.h>

#include <vector>

#include "base/time_format.h"
#include "parsers/unwrap/container_path.h"

namespace hctail::unwrap {
namespace {

// "stdout|1|2024-03-05T06:07:08Z|text", or "no".
std::string Read(Wrapper wrapper, std::string_view line) {
  std::string scratch;
  WrappedLine read;
  if (!ReadWrapped(wrapper, line, &scratch, &read)) return "no";
  return std::string(read.stream == Stream::kStdout ? "stdout|" : "stderr|") +
         (read.ends ? "1|" : "0|") + FormatRfc3339(read.time) + "|" + std::string(read.text);
}

TEST_CASE("ReadWrapped: CRI") {
  const struct {
    const char* line;
    const char* read;
  } kCases[] = {
      {"2024-03-05T06:07:08.912345678Z stdout F a b",
       "stdout|1|2024-03-05T06:07:08.912345678Z|a b"},
      {"2024-03-05T06:07:08.0Z stderr P a", "stderr|0|2024-03-05T06:07:08Z|a"},
      {"2024-03-05T07:07:08+01:00 stdout F  a ", "stdout|1|2024-03-05T06:07:08Z| a "},
      {"2024-03-05T06:07:08Z stdout F:tag:b a", "stdout|1|2024-03-05T06:07:08Z|a"},
      {"2024-03-05T06:07:08Z stdout F a\r", "stdout|1|2024-03-05T06:07:08Z|a"},
      {"2024-03-05T06:07:08Z stdout P a\r", "stdout|0|2024-03-05T06:07:08Z|a\r"},
      {"2024-03-05T06:07:08Z stdout F ", "stdout|1|2024-03-05T06:07:08Z|"},
      {"2024-03-05T06:07:08Z stdout F", "stdout|1|2024-03-05T06:07:08Z|"},
      {"2024-03-05T06:07:08Z stdout  a", "no"},
      {"2024-03-05T06:07:08Z stdout", "no"},
      {"2024-03-05T06:07:08Z stdout Full a", "no"},
      {"2024-03-05T06:07:08Z stdlog F a", "no"},
      {"2024-03-05 06:07:08Z stdout F a", "no"},
      {"2024-13-05T06:07:08Z stdout F a", "no"},
      {"a", "no"},
      {"", "no"},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.line);
    CHECK(Read(Wrapper::kCri, c.line) == c.read);
  }
}

TEST_CASE("ReadWrapped: Docker") {
  const std::string end = R"(","stream":"stdout","time":"2024-03-05T06:07:08Z"})";
  const auto read = [&end](std::string_view log) {
    return Read(Wrapper::kDocker, R"({"log":")" + std::string(log) + end);
  };
  const std::string whole = "stdout|1|2024-03-05T06:07:08Z|";
  const std::string piece = "stdout|0|2024-03-05T06:07:08Z|";
  CHECK(read(R"(a b\n)") == whole + "a b");
  CHECK(read(R"(a\r\n)") == whole + "a");
  CHECK(read(R"(\n)") == whole);
  CHECK(read("") == piece);
  CHECK(read("a b") == piece + "a b");
  CHECK(read(R"(a\\n)") == piece + R"(a\n)");
  CHECK(read(R"(a\\\n)") == whole + R"(a\)");
  CHECK(read(R"(a\\r\n)") == whole + R"(a\r)");
  CHECK(read(R"({\"a\":\"b\\\"c\"}\n)") == whole + R"({"a":"b\"c"})");
  CHECK(read(R"(\u003ca\u003e \u00e9 \ud83d\ude00 \t\/\b\f\n)") ==
        whole + "<a> \xC3\xA9 \xF0\x9F\x98\x80 \t/\b\f");
  CHECK(read(R"(\ud83d x\n)") == whole + "\xEF\xBF\xBD x");
  CHECK(read(R"(\x\n)") == "no");
  CHECK(read(R"(\u12g4\n)") == "no");
  CHECK(Read(Wrapper::kDocker,
             R"({"stream":"stderr", "time":"2024-03-05T06:07:08.5Z" , "log":"a"} )") ==
        "stderr|0|2024-03-05T06:07:08.5Z|a");
  for (const char* line : {
           "",
           "{}",
           R"({"log":"a\n","stream":"stdout"})",
           R"({"log":"a\n","time":"2024-03-05T06:07:08Z"})",
           R"({"stream":"stdout","time":"2024-03-05T06:07:08Z"})",
           R"({"log":"a\n","stream":"stdout","time":"yesterday"})",
           R"({"log":"a\n","stream":"stdlog","time":"2024-03-05T06:07:08Z"})",
           R"({"log":"a\n","stream":"stdout","time":"2024-03-05T06:07:08Z","level":"info"})",
           R"({"log":"a\n","log":"a\n","stream":"stdout","time":"2024-03-05T06:07:08Z"})",
           R"({"log":{"a":1},"stream":"stdout","time":"2024-03-05T06:07:08Z"})",
           R"({"log":"a\n","stream":"stdout","attrs":1,"time":"2024-03-05T06:07:08Z"})",
           R"({"log":"a\n","stream":"stdout","time":"2024-03-05T06:07:08Z"}})",
           R"({"log":"a\n","stream":"stdout","time":"2024-03-05T06:07:08Z")",
           R"({"log":"a\n","stream":"stdout","time":"2024-03-05T06:07:08Z)",
       }) {
    CAPTURE(line);
    CHECK(Read(Wrapper::kDocker, line) == "no");
  }
}

TEST_CASE("ReadWrapped: Docker's attrs") {
  std::string scratch;
  WrappedLine read;
  REQUIRE(ReadWrapped(Wrapper::kDocker,
                      R"({"log":"a\n","stream":"stdout","attrs":{"tag":"a\"b","env":"é"},)"
                      R"("time":"2024-03-05T06:07:08Z"})",
                      &scratch, &read));
  std::string shown;
  ForEachAttr(read.attrs, [&shown](std::string_view name, std::string_view value) {
    shown += std::string(name) + "=" + std::string(value) + ";";
  });
  CHECK(shown == "tag=a\"b;env=é;");
}

TEST_CASE("DetectWrapper: all lines must have the shape") {
  const std::string cri = "2024-03-05T06:07:08Z stdout F a";
  const std::string docker = R"({"log":"a\n","stream":"stdout","time":"2024-03-05T06:07:08Z"})";
  using Lines = std::vector<std::string_view>;
  CHECK(DetectWrapper(Lines{}) == Wrapper::kNone);
  CHECK(DetectWrapper(Lines{cri, cri}) == Wrapper::kCri);
  CHECK(DetectWrapper(Lines{docker}) == Wrapper::kDocker);
  CHECK(DetectWrapper(Lines{docker, cri}) == Wrapper::kNone);
  CHECK(DetectWrapper(Lines{cri, "a"}) == Wrapper::kNone);
  OptionValues options;
  CHECK(WrapperOf(options, Lines{cri}) == Wrapper::kCri);
  const std::pair<const char*, Wrapper> kWords[] = {{"auto", Wrapper::kCri},
                                                    {"none", Wrapper::kNone},
                                                    {"docker", Wrapper::kDocker},
                                                    {"cri", Wrapper::kCri}};
  for (const auto& [word, wrapper] : kWords) {
    options.Set("unwrap", {word});
    CHECK(WrapperOf(options, Lines{cri}) == wrapper);
  }
}

TEST_CASE("UnwrapLines: pieces are joined, each stream's own") {
  using Strings = std::vector<std::string>;
  const std::string time = "2024-03-05T06:07:08Z ";
  const std::string lines[] = {time + "stdout P {\"a\":", time + "stderr F oh", "not wrapped",
                               time + "stdout F 1}", time + "stdout P more"};
  const std::vector<std::string_view> all(std::begin(lines), std::end(lines));
  CHECK(UnwrapLines(Wrapper::kCri, all) == Strings{"oh", "{\"a\":1}"});
  CHECK(UnwrapLines(Wrapper::kCri, std::span(all).first(2)) == Strings{"oh", "{\"a\":"});
  CHECK(UnwrapLines(Wrapper::kNone, std::span(all).first(1)) == Strings{lines[0]});
  CHECK(UnwrapLines(Wrapper::kDocker, all).empty());
}

TEST_CASE("ReadContainerPath: what paths say") {
  const std::string id(64, 'a');
  const auto read = [](const std::string& path) {
    std::string shown;
    for (const auto& [name, value] : ReadContainerPath(path)) {
      shown += std::string(name) + "=" + value + ";";
    }
    return shown;
  };
  CHECK(read("/var/log/containers/web-7d-x_shop_app-side-" + id + ".log") ==
        "k8s.namespace.name=shop;k8s.pod.name=web-7d-x;k8s.container.name=app-side;container.id=" +
            id + ";");
  const std::string pod =
      "k8s.namespace.name=shop;k8s.pod.name=web-7d-x;k8s.pod.uid=0f-1;k8s.container.name=app;";
  CHECK(read("/var/log/pods/shop_web-7d-x_0f-1/app/3.log") ==
        pod + "k8s.container.restart_count=3;");
  CHECK(read("/mnt/host/pods/shop_web-7d-x_0f-1/app/0.log.20240305-060708.gz") ==
        pod + "k8s.container.restart_count=0;");
  CHECK(read("/var/lib/docker/containers/" + id + "/" + id + "-json.log.1") ==
        "container.id=" + id + ";");
  for (const char* path : {"", "app.log", "/var/log/a_b_c.log", "/var/log/pods/a_b/c/0.log",
                           "/var/log/pods/a_b_c/d/x.log", "/var/log/pods/a_b_c/d/0.txt",
                           "/var/lib/docker/containers/ab/ab-json.log"}) {
    CAPTURE(path);
    CHECK(read(path).empty());
  }
}

}  // namespace
}  // namespace hctail::unwrap
