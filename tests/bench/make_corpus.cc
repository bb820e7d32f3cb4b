// SPDX-License-Identifier: Apache-2.0
// make_corpus MEGABYTES: writes that many MB of JSON log lines to standard output.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "tests/bench/corpus.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_corpus MEGABYTES > FILE\n", stderr);
    return 2;
  }
  size_t left = std::strtoull(argv[1], nullptr, 10) * 1'000'000;
  hctail::bench::JsonCorpus corpus;
  std::string block;
  while (left > 0) {
    block.clear();
    while (block.size() < 1'000'000) corpus.AppendLine(&block);
    if (hctail::WriteFully(STDOUT_FILENO, block) != 0) return 1;
    left -= std::min(left, block.size());
  }
  return 0;
}
