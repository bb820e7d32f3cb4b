#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the whole program against api_sink on loopback.

  end_to_end.py backfill BIN_DIR   MB/s of input, CPU against the floor, peak memory
  end_to_end.py tail BIN_DIR       how late lines arrive, requests and CPU while they are written
  end_to_end.py idle BIN_DIR       CPU and memory with many quiet files
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

PORT = 18753
BACKFILL_MB = int(os.environ.get("BACKFILL_MB", "400"))
TAIL_SECONDS = int(os.environ.get("TAIL_SECONDS", "30"))
TAIL_RATE = int(os.environ.get("TAIL_RATE", "1000"))
QUIET_FILES = int(os.environ.get("QUIET_FILES", "1000"))


def start_sink(bin_dir, seconds):
    sink = subprocess.Popen([f"{bin_dir}/api_sink", str(PORT), str(seconds)],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(0.3)
    return sink


def stop_sink(sink):
    sink.stdin.close()
    return sink.stdout.read().strip()


def hctail(bin_dir, state, *args):
    env = dict(os.environ, HONEYCOMB_API_KEY="bench")
    return subprocess.Popen([f"{bin_dir}/hctail", "--api-host", f"http://127.0.0.1:{PORT}",
                             "--state-dir", state, *args], env=env)


def status_of(pid):
    """Resident and peak memory in MB, CPU seconds."""
    with open(f"/proc/{pid}/status") as file:
        text = file.read()
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    ticks = os.sysconf("SC_CLK_TCK")
    cpu = (int(fields[11]) + int(fields[12])) / ticks
    memory = {key: int(value) / 1000 for key, value in re.findall(r"(Vm\w+|Rss\w+):\s+(\d+)", text)}
    return memory["VmRSS"], memory["VmHWM"], cpu


def backfill(bin_dir):
    with tempfile.TemporaryDirectory() as folder:
        corpus = f"{folder}/corpus.log"
        with open(corpus, "wb") as file:
            subprocess.run([f"{bin_dir}/make_corpus", str(BACKFILL_MB)], stdout=file, check=True)
        with open(corpus, "rb") as file:
            while file.read(1 << 24):
                pass
        for _ in range(3):
            sink = start_sink(bin_dir, 300)
            start = time.monotonic()
            process = hctail(bin_dir, f"{folder}/state", "--backfill", "-f", corpus, "-d", "bench")
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - start
            totals = stop_sink(sink)
            cpu = usage.ru_utime + usage.ru_stime
            print(f"{BACKFILL_MB} MB in {wall:.2f} s: {BACKFILL_MB / wall:.0f} MB/s; "
                  f"CPU {cpu:.2f} s ({BACKFILL_MB / cpu:.0f} MB/s of CPU); "
                  f"peak memory {usage.ru_maxrss / 1000:.0f} MB; exit {status}; {totals}")


def tail(bin_dir):
    with tempfile.TemporaryDirectory() as folder:
        log = f"{folder}/app.log"
        open(log, "w").close()
        sink = start_sink(bin_dir, TAIL_SECONDS + 30)
        process = hctail(bin_dir, f"{folder}/state", "-f", log)
        time.sleep(1)
        _, _, before = status_of(process.pid)
        subprocess.run([f"{bin_dir}/line_writer", log, str(TAIL_RATE), str(TAIL_SECONDS)], check=True)
        time.sleep(1)
        rss, peak, after = status_of(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait()
        totals = stop_sink(sink)
        requests = int(re.search(r"requests (\d+)", totals).group(1))
        print(f"{TAIL_RATE} lines/s for {TAIL_SECONDS} s: {totals}; "
              f"{requests / TAIL_SECONDS:.1f} requests/s; "
              f"CPU {(after - before) * 60 / TAIL_SECONDS:.2f} s a minute; memory {rss:.0f} MB")


def idle(bin_dir):
    with tempfile.TemporaryDirectory() as folder:
        for i in range(QUIET_FILES):
            with open(f"{folder}/{i}.log", "w") as file:
                file.write('{"a":1}\n')
        sink = start_sink(bin_dir, 60)
        process = hctail(bin_dir, f"{folder}/state", "-f", f"{folder}/*.log")
        time.sleep(3)
        _, _, before = status_of(process.pid)
        time.sleep(20)
        rss, peak, after = status_of(process.pid)
        print(f"{QUIET_FILES} quiet files: CPU {(after - before) / 20 * 100:.3f} % over 20 s; "
              f"memory {rss:.1f} MB (peak {peak:.1f})")
        process.send_signal(signal.SIGTERM)
        process.wait()
        stop_sink(sink)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("backfill", "tail", "idle"):
        sys.exit(__doc__)
    {"backfill": backfill, "tail": tail, "idle": idle}[sys.argv[1]](sys.argv[2])
