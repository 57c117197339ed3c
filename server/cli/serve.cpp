// SPDX-License-Identifier: Apache-2.0
// serve: runs until SIGTERM or SIGINT, then finishes what is running. SIGHUP reloads the sites and
// the certificate; a broken file is told and changes nothing. Signals are blocked before any thread
// starts and taken by this one alone.

#include "server/app.hpp"
#include "server/cli/commands.hpp"
#include "server/log.hpp"
#include "server/store/serving_lock.hpp"

#include <algorithm>
#include <csignal>
#include <malloc.h>
#include <thread>

namespace tl::server::cli {
namespace {

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void reload(App& app, Session& session) {
  app.reload_certificate();
  auto loaded = load_or_explain(session);
  session.exit_code = 0;  // the server goes on with what it has
  if (!loaded) {
    log_event(LogLevel::error, "reload_refused");
    return;
  }
  app.reload(loaded->config.sites);
  log_event(LogLevel::info, "sites_reloaded",
            {{"sites", std::to_string(loaded->config.sites.size())}});
}

// A connection has a thread; the C library would keep eight heaps a processor for them, half of it
// memory that nobody uses (mallopt(3)). What a batch needed is needed by the next one: giving it
// back to the system between them interrupts every processor, a seventh of a batch's time.
void share_heaps() {
  mallopt(M_ARENA_MAX, static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_TRIM_THRESHOLD, 256 * kMebibyte);
  mallopt(M_MMAP_THRESHOLD, 32 * kMebibyte);
  mallopt(M_TOP_PAD, kMebibyte);
}

void serve(Session& session) {
  share_heaps();
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  const auto lock = ServingLock::take(loaded->config.store_url);
  if (!lock.ok()) return explain(session, lock.error());
  const auto signals = block_signals();
  start_log();
  auto app = App::create(loaded->config);
  if (!app.ok()) return explain(session, app.error());
  std::thread running([&] { app.value()->run(); });
  log_event(LogLevel::info, "server_started",
            {{"listen", loaded->config.listen_host},
             {"port", std::to_string(app.value()->port())},
             {"sites", std::to_string(loaded->config.sites.size())}});
  for (;;) {
    int number = 0;
    if (sigwait(&signals, &number) != 0) continue;
    if (number != SIGHUP) break;
    reload(*app.value(), session);
  }
  log_event(LogLevel::info, "server_stopping");
  app.value()->stop();
  running.join();
  log_event(LogLevel::info, "server_stopped");
}

}  // namespace

void add_serve(CLI::App& parser, Session& session) {
  parser.add_subcommand("serve", "run the server")->callback([&session] { serve(session); });
}

}  // namespace tl::server::cli
