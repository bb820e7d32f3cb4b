// SPDX-License-Identifier: Apache-2.0
#include "ship/curl_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/file.h"

namespace hctail {
namespace {

constexpr size_t kBodyLimit = 1 << 20;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Easy = std::unique_ptr<CURL, Freer<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Freer<curl_multi_cleanup>>;
using HeaderList = std::unique_ptr<curl_slist, Freer<curl_slist_free_all>>;

void InitOnce() {
  static std::once_flag once;
  std::call_once(once, [] { HC_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

// One request under way.  Its address is curl's handle for us.
struct Exchange {
  Easy easy;
  HeaderList headers;
  HttpReply reply;
  char error[CURL_ERROR_SIZE] = {};
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto* const exchange = static_cast<Exchange*>(user);
  std::string& body = exchange->reply.body;
  const size_t length = size * count;
  const size_t kept = std::min(length, kBodyLimit - body.size());
  body.append(data, kept);
  if (kept < length) exchange->reply.body_cut = true;
  return length;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  HttpReply& reply = static_cast<Exchange*>(user)->reply;
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {  // of an answer that another one followed: 100, or the proxy's
    reply.retry_after.clear(), reply.rate_limit.clear(), reply.location.clear();
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
  if (EqualsIgnoringCase(name, "retry-after")) reply.retry_after = value;
  if (EqualsIgnoringCase(name, "ratelimit")) reply.rate_limit = value;
  if (EqualsIgnoringCase(name, "location")) reply.location = value;
  return line.size();
}

template <typename T>
T Info(CURL* easy, CURLINFO what) {
  T value{};
  curl_easy_getinfo(easy, what, &value);
  return value;
}

HttpFailure FailureOf(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFailure::kResolve;
    case CURLE_COULDNT_CONNECT:
      return HttpFailure::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_USE_SSL_FAILED:
      return HttpFailure::kTls;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
      return HttpFailure::kCut;
    default:
      return HttpFailure::kOther;
  }
}

// curl's own words begin with a capital, which ours do not; "SSL" and "CONNECT" stay.
std::string LowerFirst(std::string text) {
  // Names such as OpenSSL keep theirs.
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const size_t end = std::min(text.find_first_of(" :"), text.size());
  if (end > 1 && text[0] >= 'A' && text[0] <= 'Z' &&
      std::all_of(text.begin() + 1, text.begin() + static_cast<ptrdiff_t>(end), lower)) {
    text[0] = static_cast<char>(text[0] + 32);
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

// The host, or proxy, and port in "Failed to connect to HOST port PORT after ...".
std::string ConnectTarget(std::string_view text, CURL* easy) {
  constexpr std::string_view kHead = "Failed to connect to ";
  const size_t port = text.find(" port ");
  if (text.starts_with(kHead) && port != std::string_view::npos) {
    const std::string_view digits = text.substr(port + 6);
    return fmt::format("{}:{}", text.substr(kHead.size(), port - kHead.size()),
                       digits.substr(0, digits.find_first_not_of("0123456789")));
  }
  return Info<const char*>(easy, CURLINFO_EFFECTIVE_URL);
}

// What follows the last ": " of "Could not resolve host: X".
std::string_view AfterColon(std::string_view text) {
  const size_t colon = text.rfind(": ");
  return colon == std::string_view::npos ? text : text.substr(colon + 2);
}

std::string TlsError(CURLcode code, std::string_view text, const CurlOptions& options) {
  if (code == CURLE_SSL_CACERT_BADFILE) {
    return fmt::format("TLS: cannot read the CA file '{}'", options.ca_file);
  }
  for (const std::string_view head : {"SSL: ", "SSL "}) {
    if (text.starts_with(head)) text.remove_prefix(head.size());
  }
  return fmt::format("TLS: {}", LowerFirst(std::string(text)));
}

std::string Seconds(Duration duration) {
  return fmt::format("{} s", std::chrono::duration<double>(duration).count());
}

std::string ErrorOf(CURLcode code, Exchange& exchange, const CurlOptions& options) {
  CURL* const easy = exchange.easy.get();
  const std::string text = exchange.error[0] != 0 ? exchange.error : curl_easy_strerror(code);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format("could not resolve host: {}", AfterColon(text));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return fmt::format("could not resolve proxy: {}", AfterColon(text));
    case CURLE_COULDNT_CONNECT: {
      const std::string target = ConnectTarget(text, easy);
      const auto error = static_cast<int>(Info<long>(easy, CURLINFO_OS_ERRNO));
      if (error == ECONNREFUSED) return fmt::format("connection refused by {}", target);
      if (error == 0) return fmt::format("could not connect to {}", target);
      return fmt::format("could not connect to {}: {}", target, ErrnoText(error));
    }
    case CURLE_OPERATION_TIMEDOUT:
      if (Info<curl_off_t>(easy, CURLINFO_PRETRANSFER_TIME_T) == 0) {
        return fmt::format("no connection within {}", Seconds(options.connect_timeout));
      }
      return fmt::format("timed out after {}", Seconds(options.total_timeout));
    default:
      break;
  }
  const HttpFailure failure = FailureOf(code);
  if (failure == HttpFailure::kTls) return TlsError(code, text, options);
  // A proxy that refuses to tunnel is a RECV_ERROR too, but says so.
  if (failure == HttpFailure::kCut && text.find("CONNECT") == std::string::npos) {
    return "connection closed before the reply was complete";
  }
  return LowerFirst(text);
}

}  // namespace

struct CurlTransport::Impl {
  CurlOptions options;
  Multi multi{curl_multi_init()};
  std::vector<Easy> idle;  // to be used again
  std::unordered_map<CURL*, std::unique_ptr<Exchange>> running;
  std::vector<HttpReply> failed_to_start;
  std::atomic<bool> woken = false;

  void SetUp(Exchange& exchange, const HttpRequest& request) const;
  void Collect(std::vector<HttpReply>* replies);
};

CurlTransport::CurlTransport(CurlOptions options) {
  InitOnce();
  impl_ = std::make_unique<Impl>();
  impl_->options = std::move(options);
  HC_CHECK(impl_->multi != nullptr);
}

CurlTransport::~CurlTransport() {
  for (const auto& [easy, exchange] : impl_->running) {
    curl_multi_remove_handle(impl_->multi.get(), easy);
  }
}

void CurlTransport::Start(const HttpRequest& request) {
  auto exchange = std::make_unique<Exchange>();
  if (impl_->idle.empty()) {
    exchange->easy.reset(curl_easy_init());
    HC_CHECK(exchange->easy != nullptr);
  } else {
    exchange->easy = std::move(impl_->idle.back());
    impl_->idle.pop_back();
  }
  impl_->SetUp(*exchange, request);
  CURL* const easy = exchange->easy.get();
  impl_->running.emplace(easy, std::move(exchange));
  HC_CHECK(curl_multi_add_handle(impl_->multi.get(), easy) == CURLM_OK);
}

std::vector<HttpReply> CurlTransport::Poll(Duration max_wait) {
  std::vector<HttpReply> replies;
  const Instant end = std::chrono::steady_clock::now() + max_wait;
  while (true) {
    impl_->Collect(&replies);
    if (!replies.empty() || impl_->woken.exchange(false)) return replies;
    const Duration left = end - std::chrono::steady_clock::now();
    if (left <= Duration(0)) return replies;
    // Rounded up: a wait of 0 ms for the last microseconds would spin.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    curl_multi_poll(impl_->multi.get(), nullptr, 0,
                    static_cast<int>(std::min<int64_t>(milliseconds, 3'600'000)), nullptr);
  }
}

void CurlTransport::Wake() {
  impl_->woken = true;
  curl_multi_wakeup(impl_->multi.get());
}

void CurlTransport::Impl::SetUp(Exchange& exchange, const HttpRequest& request) const {
  CURL* const easy = exchange.easy.get();
  exchange.reply.id = request.id;
  const auto set = [easy](CURLoption option, auto value) {
    HC_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
  };
  set(CURLOPT_URL, (options.url + request.path).c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  const auto milliseconds = [](Duration duration) {
    return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
  };
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, milliseconds(options.total_timeout));
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  if (request.post) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());  // not copied
  }
  curl_slist* list = nullptr;
  for (const auto& [name, value] : request.headers) {
    list = curl_slist_append(list, fmt::format("{}: {}", name, value).c_str());
  }
  // curl would ask before it sends a big body, and wait a second where nobody answers that.
  list = curl_slist_append(list, "Expect:");
  exchange.headers.reset(list);
  set(CURLOPT_HTTPHEADER, list);
  // A proxy must see neither key nor events' headers when it tunnels.
  set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_WRITEFUNCTION, &OnBody);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  set(CURLOPT_HEADERFUNCTION, &OnHeader);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(exchange.error));
}

// Moves what can be moved without waiting, and takes the replies that are complete.
void CurlTransport::Impl::Collect(std::vector<HttpReply>* replies) {
  int ignored = 0;
  curl_multi_perform(multi.get(), &ignored);
  while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &ignored)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    const auto found = running.find(message->easy_handle);
    const std::unique_ptr<Exchange> exchange = std::move(found->second);
    running.erase(found);
    HttpReply& reply = exchange->reply;
    if (code == CURLE_OK) {
      reply.status = static_cast<int>(Info<long>(exchange->easy.get(), CURLINFO_RESPONSE_CODE));
    } else {
      reply.failure = FailureOf(code);
      reply.error = ErrorOf(code, *exchange, options);
    }
    replies->push_back(std::move(reply));
    curl_multi_remove_handle(multi.get(), exchange->easy.get());
    curl_easy_reset(exchange->easy.get());
    idle.push_back(std::move(exchange->easy));
  }
}

}  // namespace hctail
