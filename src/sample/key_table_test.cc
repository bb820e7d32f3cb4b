// SPDX-License-Identifier: Apache-2.0
#include "sample/key_table.h"

#include <memory>

namespace hctail {
namespace {

TEST_CASE("KeyTable: keys beyond the limit share slot 0") {
  KeyTable keys(2);
  const uint32_t a = keys.FindOrAdd("a");
  const uint32_t b = keys.FindOrAdd("b");
  CHECK(a != b);
  CHECK(keys.FindOrAdd("c") == KeyTable::kShared);
  CHECK(keys.FindOrAdd("a") == a);
  CHECK(keys.full());
}

TEST_CASE("KeyTable: a slot that is used again has another serial") {
  KeyTable keys(1);
  const uint32_t slot = keys.FindOrAdd("a");
  const uint64_t serial = keys.slots()[slot].serial;
  keys.slots()[slot].rate = 7;
  keys.Release(slot);
  CHECK(keys.size() == 0);
  CHECK(keys.FindOrAdd("b") == slot);
  CHECK(keys.slots()[slot].serial != serial);
  CHECK(keys.slots()[slot].rate == 0);
}

TEST_CASE("KeyTable: the rarest quarter makes room") {
  KeyTable keys(8);
  for (int i = 0; i < 8; ++i) {
    keys.slots()[keys.FindOrAdd(std::string(1, static_cast<char>('a' + i)))].average = 10 - i;
  }
  keys.ReleaseRarest();
  CHECK(keys.size() == 6);
  CHECK(keys.FindOrAdd("a") != KeyTable::kShared);
  CHECK(keys.size() == 6);
  keys.FindOrAdd("h");
  CHECK(keys.size() == 7);
}

TEST_CASE("KeyTable: a copy finds its own keys") {
  auto keys = std::make_unique<KeyTable>(10);
  const uint32_t slot = keys->FindOrAdd("a");
  keys->Release(keys->FindOrAdd("b"));
  KeyTable copy(*keys);
  keys.reset();
  CHECK(copy.FindOrAdd("a") == slot);
  CHECK(copy.FindOrAdd("c") == slot + 1);
}

}  // namespace
}  // namespace hctail
