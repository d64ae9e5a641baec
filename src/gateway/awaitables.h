// Waiting, on an io thread, for what other threads do: the store's writer, a worker.
//
// These are plain functions that return an awaitable, not coroutines: nothing of theirs lives in a
// coroutine frame, which g++ 12 gets wrong for temporaries inside `co_await`.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>

#include "purser/store/store.h"

namespace purser::gateway {

// Hands a reserve to the store, moving it out of the caller's frame, and waits, on `io`'s thread,
// until it is durable (or refused). A full queue answers `not_durable`.
inline boost::asio::awaitable<store::CommandResult> reserve(store::Store* store,
                                                            boost::asio::io_context* io,
                                                            store::ReserveRequest* request) {
  namespace asio = boost::asio;
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(store::CommandResult)>(
      [store, io, request](auto handler) {
        // A std::function must be copyable; the handler is not.
        struct Waiting {
          decltype(handler) resume;
          store::CommandResult result;
        };
        auto waiting = std::make_shared<Waiting>(Waiting{std::move(handler), {}});
        auto complete = [waiting, io](store::CommandResult&& result) {
          waiting->result = std::move(result);
          asio::post(*io, [waiting] {
            auto resume = std::move(waiting->resume);
            resume(std::move(waiting->result));
          });
        };
        if (!store->submit(std::move(*request), complete)) complete(store::CommandResult{});
      },
      asio::use_awaitable);
}

// Runs `work` there and comes back; what it throws is thrown here.
inline boost::asio::awaitable<void> run_on(boost::asio::any_io_executor workers,
                                           std::function<void()> work) {
  namespace asio = boost::asio;
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr)>(
      [workers = std::move(workers), work = std::move(work)](auto handler) mutable {
        auto executor = asio::get_associated_executor(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        asio::post(workers, [shared, executor, work = std::move(work)] {
          std::exception_ptr thrown;
          try {
            work();
          } catch (...) {
            thrown = std::current_exception();
          }
          asio::post(executor, [shared, thrown] {
            auto resume = std::move(*shared);
            resume(thrown);
          });
        });
      },
      asio::use_awaitable);
}

}  // namespace purser::gateway
