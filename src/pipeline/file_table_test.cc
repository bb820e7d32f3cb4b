// SPDX-License-Identifier: Apache-2.0
#include "pipeline/file_table.h"

#include <doctest/doctest.h>

#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using Closing = SourceListener::Closing;

// A table over a real checkpoint, spoken to as reader, worker and sink do.
struct Fixture {
  testing::TempDir dir;
  testing::FakeClock clock;
  testing::RecordingLog log;
  Wakeup dirty;
  std::vector<std::string> warnings;
  std::unique_ptr<CheckpointFile> checkpoint =
      *CheckpointFile::Open(dir.path(), CheckpointFile::Access::kExclusive, &warnings);
  FileTable table{checkpoint.get(), "", "/dead-letter.jsonl", clock, log, dirty};
  FileTable backfill{
      checkpoint.get(), "", "/dead-letter.jsonl", clock, log, dirty, FileTable::Purpose::kBackfill};

  void Open(FileKey key, uint64_t offset = 0, uint64_t saved_id = 0) {
    table.OnOpened({.file = key,
                    .path = "/var/log/app.log",
                    .identity = {.device = 1, .inode = key},
                    .offset = offset,
                    .saved_id = saved_id});
  }
  static Batch MakeBatch(FileKey key, uint64_t begin, uint64_t end, uint32_t events,
                         uint32_t dead_letters = 0) {
    Batch batch;
    batch.runs.push_back({.span = {key, begin, end},
                          .events = events,
                          .dead_letters = dead_letters,
                          .tail_hash = end * 7,
                          .tail_length = 8});
    return batch;
  }
  void Settle(const Batch& batch, uint32_t refused = 0) { Settle(batch, refused, table); }
  static void Settle(const Batch& batch, uint32_t refused, FileTable& table) {
    std::vector<Settlement::RunOutcome> outcomes;
    outcomes.reserve(batch.runs.size());
    for (const Run& run : batch.runs) outcomes.push_back({run.events - refused, refused});
    table.Settle({&batch, outcomes});
  }
  const SavedFile& Saved() const { return checkpoint->files().begin()->second; }
  Counts Total() const { return table.Snapshot().Total(); }
};

TEST_CASE("DatasetOf: the file's name without folders, rotation and extension") {
  const struct {
    const char* path;
    const char* dataset;
  } kCases[] = {
      {"/var/log/app.log", "app"},
      {"app.log.1", "app"},
      {"app.log.2.gz", "app"},
      {"app.log-20240305", "app"},
      {"app-20240305.log", "app-20240305"},
      {"my.service.log", "my.service"},
      {"access_log", "access_log"},
      {"/x/.hidden", ".hidden"},
      {"stdin", "stdin"},
      {"app.2024-03-05.json", "app.2024-03-05"},
      {"/var/log/pods/shop_cart-7d9f_0a1b2c3d-uid/api/0.log", "api"},
      {"/var/log/pods/shop_cart-7d9f_0a1b2c3d-uid/api/12.log.20240305-060708.gz", "api"},
  };
  for (const auto& c : kCases) CHECK_MESSAGE(DatasetOf(c.path) == c.dataset, c.path);
  const std::string id(64, 'a');
  CHECK(DatasetOf("/var/log/containers/cart-7d9f_shop_api-" + id + ".log") == "api");
  CHECK(DatasetOf("/var/lib/docker/containers/" + id + "/" + id + "-json.log.1") == "docker");
}

TEST_CASE(
    "FileTable: the saved position is the settled prefix, with the hash of the bytes before it") {
  Fixture f;
  f.Open(1);
  const Batch first = Fixture::MakeBatch(1, 0, 100, 10);
  const Batch second = Fixture::MakeBatch(1, 100, 150, 5);
  const Batch third = Fixture::MakeBatch(1, 150, 170, 2);
  for (const Batch* batch : {&first, &second, &third}) f.table.Launch(*batch);

  f.Settle(second);
  CHECK(f.Saved().offset == 0);
  CHECK_FALSE(f.table.AllSettled());
  f.Settle(first);
  CHECK(f.Saved().offset == 150);
  CHECK(f.Saved().tail_hash == 150 * 7);
  CHECK(f.Saved().tail_length == 8);
  f.Settle(third);
  CHECK(f.Saved().offset == 170);
  CHECK(f.table.AllSettled());
}

TEST_CASE("FileTable: what was read equals what became of it, at every step") {
  Fixture f;
  f.Open(1);
  Batch batch = Fixture::MakeBatch(1, 0, 100, 10, 2);
  batch.runs[0].filtered = 3;
  batch.runs[0].sampled_out = 4;
  f.table.Launch(batch);
  CHECK(f.Total().read == 19);
  CHECK(f.Total().in_flight == 19);
  CHECK(f.Total().Balanced());
  f.Settle(batch, /*refused=*/1);
  const Counts total = f.Total();
  CHECK(total.sent == 9);
  CHECK(total.dead_lettered == 3);
  CHECK(total.filtered == 3);
  CHECK(total.sampled_out == 4);
  CHECK(total.in_flight == 0);
  CHECK(total.settled_bytes == 100);
  CHECK(total.Balanced());
}

TEST_CASE("FileTable: a file that was packed while nobody looked is gone") {
  Fixture f;
  Status written;
  f.checkpoint->Add({.path = "/var/log/app.log", .identity = {.device = 1, .inode = 5}}, &written);
  f.table.OnPacked(f.Saved(), "/var/log/app.log.1.gz", {.device = 1, .inode = 6}, 1234);
  CHECK(f.Saved().gone);
  CHECK(f.Saved().identity.inode == 6);
  CHECK(f.Saved().whole == 1234);
}

TEST_CASE("FileTable: a packed copy is known once what it holds is settled") {
  Fixture f;
  f.Open(1);
  const Batch batch = Fixture::MakeBatch(1, 0, 100, 10);
  f.table.Launch(batch);
  SavedFile copy = {.path = "/var/log/app.log.1.gz", .identity = {.device = 1, .inode = 6}};
  copy.gone = true;
  copy.whole = 1234;
  f.table.OnCopy(1, 100, copy);
  CHECK(f.checkpoint->files().size() == 1);
  f.Settle(batch);
  REQUIRE(f.checkpoint->files().size() == 2);
  const SavedFile& kept = f.checkpoint->files().rbegin()->second;
  CHECK(kept.identity == copy.identity);
  CHECK(kept.whole == 1234);
  CHECK(kept.gone);
}

TEST_CASE("FileTable: a packed file is known to be whole once it is settled to its end") {
  Fixture f;
  f.Open(1);
  const Batch batch = Fixture::MakeBatch(1, 0, 100, 10);
  f.table.Launch(batch);
  f.table.OnWhole(1, 1234);
  f.table.OnClosed(1, Closing::kFinished, 100);
  f.table.Ended(1);
  CHECK(f.Saved().whole == 0);
  f.Settle(batch);
  CHECK(f.Saved().whole == 1234);
  f.Open(2, 100, f.Saved().id);  // it has grown
  CHECK(f.Saved().whole == 0);
}

TEST_CASE("FileTable: a packed file that an earlier backfill has read is forgotten, too") {
  Fixture f;
  Status written;
  const std::string path = "/var/log/app.log.1.gz";
  const FileIdentity identity = {.device = 1, .inode = 5};
  f.checkpoint->Add({.path = path, .identity = identity, .backfill = true}, &written);
  f.backfill.OnPacked(f.Saved(), path, identity, 1234);
  CHECK_FALSE(f.Saved().gone);  // it may be told again by the next run
  const uint64_t followed = f.checkpoint->Add({.path = path, .identity = identity}, &written);
  f.backfill.OnPacked(f.checkpoint->files().at(followed), path, identity, 1234);
  f.backfill.ForgetAll();
  REQUIRE(f.checkpoint->files().size() == 1);
  CHECK(f.Saved().id == followed);
}

TEST_CASE("FileTable: a backfill keeps what other runs have saved, and what they need of it") {
  Fixture f;
  Status written;
  const uint64_t id = f.checkpoint->Add({.path = "/var/log/app.log",
                                         .identity = {.device = 1, .inode = 1},
                                         .offset = 100,
                                         .gone = true,
                                         .gap_since = 7},
                                        &written);
  f.backfill.OnOpened({.file = 1,
                       .path = "/var/log/app.log",
                       .identity = {.device = 1, .inode = 1},
                       .offset = 100,
                       .saved_id = id});
  const Batch batch = Fixture::MakeBatch(1, 100, 200, 10);
  f.backfill.Launch(batch);
  f.backfill.OnClosed(1, Closing::kFinished, 200);
  f.backfill.Ended(1);
  f.Settle(batch, 0, f.backfill);
  f.backfill.ForgetAll();
  REQUIRE(f.checkpoint->files().size() == 1);
  CHECK(f.Saved().offset == 200);
  CHECK(f.Saved().gone);
  CHECK(f.Saved().gap_since == 7);
}

TEST_CASE("FileTable: what a backfill began and another run went on with is no longer forgotten") {
  Fixture f;
  const SourceListener::Opened first = {.file = 1, .path = "/a", .identity = {.inode = 1}};
  f.backfill.OnOpened(first);
  CHECK(f.Saved().backfill);
  SourceListener::Opened again = first;
  again.saved_id = f.Saved().id;
  again.file = 2;
  f.table.OnOpened(again);
  CHECK_FALSE(f.Saved().backfill);
  f.backfill.ForgetAll();
  CHECK(f.checkpoint->files().size() == 1);
}

TEST_CASE("FileTable: a file is new if what was saved of it was forgotten meanwhile") {
  Fixture f;
  f.Open(1, 100, 12345);
  REQUIRE(f.checkpoint->files().size() == 1);
  CHECK(f.Saved().offset == 100);
}

TEST_CASE("FileTable: a file that was rotated away is marked as gone once it is settled") {
  Fixture f;
  f.Open(1);
  const Batch batch = Fixture::MakeBatch(1, 0, 100, 10);
  f.table.OnClosed(1, Closing::kRotatedAway, 100);  // its last chunk is still with a worker
  f.table.Launch(batch);
  f.table.Ended(1);
  CHECK_FALSE(f.Saved().gone);
  CHECK_FALSE(f.table.Settled(1));
  f.Settle(batch);
  CHECK(f.table.Settled(1));
  CHECK(f.Saved().gone);
  CHECK(f.Saved().offset == 100);
  CHECK(f.table.Snapshot().files.empty());
  CHECK(f.table.Snapshot().retired_files == 1);
  CHECK(f.Total().sent == 10);
}

TEST_CASE("FileTable: late settlements of a truncated file do not move the new one") {
  Fixture f;
  f.Open(1);
  const Batch old = Fixture::MakeBatch(1, 0, 100, 10);
  f.table.Launch(old);
  f.table.OnClosed(1, Closing::kTruncated, 100);
  f.table.Ended(1);
  f.Open(2);
  f.Settle(old);
  REQUIRE(f.checkpoint->files().size() == 2);
  CHECK(f.Saved().gone);  // what it held may turn up in a copy
  CHECK(f.checkpoint->files().rbegin()->second.offset == 0);
}

TEST_CASE("FileTable: a finished file keeps its position until the backfill forgets it") {
  Fixture f;
  f.backfill.OnOpened({.file = 1, .path = "/var/log/app.log", .identity = {.inode = 1}});
  const Batch batch = Fixture::MakeBatch(1, 0, 100, 10);
  f.backfill.Launch(batch);
  f.backfill.OnClosed(1, Closing::kFinished, 100);
  f.backfill.Ended(1);
  f.Settle(batch, 0, f.backfill);
  CHECK(f.Saved().offset == 100);
  f.backfill.ForgetAll();
  CHECK(f.checkpoint->files().empty());
}

TEST_CASE("FileTable: a position is saved only where reading can begin again") {
  Fixture f;
  f.Open(1);
  Batch first = Fixture::MakeBatch(1, 0, 100, 1);
  Batch second = Fixture::MakeBatch(1, 100, 150, 1);
  first.runs[0].state = "after the first";
  second.runs[0].resumable = false;
  for (const Batch* batch : {&first, &second}) f.table.Launch(*batch);
  f.Settle(second);
  CHECK(f.Saved().offset == 0);
  f.Settle(first);
  CHECK(f.Saved().offset == 100);
  CHECK(f.Saved().state == "after the first");
  CHECK(f.table.AllSettled());

  SUBCASE("a new state at the same place is saved once what goes with it is settled") {
    Batch third = Fixture::MakeBatch(1, 150, 150, 1);
    third.runs[0].state = "root sent";
    f.table.Launch(third);
    CHECK(f.Saved().state == "after the first");
    f.Settle(third);
    CHECK(f.Saved().offset == 150);
    CHECK(f.Saved().state == "root sent");
  }
  SUBCASE("and is known to who resumes") {
    f.table.OnClosed(1, Closing::kFinished, 150);
    f.Open(2, 100, f.Saved().id);
    CHECK(f.table.Find(2)->lane->saved == "after the first");
  }
}

TEST_CASE("FileTable: input that could not be read is never called settled") {
  Fixture f;
  f.Open(1);
  CHECK(f.table.AllSettled());
  SUBCASE("bytes") { f.table.OnAbandoned(1, 10, 20, "input/output error"); }
  SUBCASE("a whole file") { f.table.OnUnreadable("/x", "permission denied"); }
  SUBCASE("bytes of a file that was truncated and is settled since") {
    f.table.OnAbandoned(1, 0, 20, "truncated");
    f.table.OnClosed(1, Closing::kTruncated, 0);
    f.table.Ended(1);
    REQUIRE(f.table.Snapshot().retired_files == 1);
  }
  CHECK_FALSE(f.table.AllSettled());
}

TEST_CASE("FileTable: who follows a file that lost something has settled all the same") {
  Fixture f;
  f.table.OnOpened({.file = 1, .path = "/var/log/app.log", .identity = {}, .live = true});
  f.table.OnAbandoned(1, 0, 20, "truncated");
  f.table.OnClosed(1, Closing::kTruncated, 0);
  f.table.Ended(1);
  CHECK(f.table.AllSettled());
  CHECK(f.table.Snapshot().retired.abandoned_bytes == 20);
}

TEST_CASE("FileTable: a file resumed under another name keeps its entry and its dataset") {
  Fixture f;
  f.Open(1, 0);
  f.table.OnIdentity(1, "/var/log/other.log.1", {.device = 1, .inode = 1, .head_length = 5});
  CHECK(f.Saved().path == "/var/log/other.log.1");
  CHECK(f.Saved().identity.head_length == 5);
  CHECK(f.table.Find(1)->dataset == "app");
  CHECK(f.table.PathOf(1) == "/var/log/other.log.1");
}

}  // namespace
}  // namespace hctail
