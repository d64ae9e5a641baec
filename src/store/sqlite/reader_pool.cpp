#include "reader_pool.h"

namespace purser::store {

class ReaderPool::Loan {
 public:
  explicit Loan(ReaderPool& pool) : pool_(pool), connection_(pool.take()) {}
  ~Loan() {
    connection_->set_interrupt({});
    try {
      if (connection_->in_transaction()) connection_->execute("ROLLBACK");
    } catch (const SqlError&) {
      // The snapshot ends with the next statement; nothing was written.
    }
    pool_.give_back(std::move(connection_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  Connection& connection() { return *connection_; }

 private:
  ReaderPool& pool_;
  std::unique_ptr<Connection> connection_;
};

ReaderPool::ReaderPool(const std::string& file, std::size_t count, Duration limit, Env& env)
    : limit_(limit), env_(env) {
  for (std::size_t i = 0; i < count; ++i) {
    auto connection = std::make_unique<Connection>(file, Connection::Mode::read);
    connection->execute("PRAGMA query_only = 1");
    free_.push_back(std::move(connection));
  }
}

std::unique_ptr<Connection> ReaderPool::take() {
  std::unique_lock lock(mutex_);
  if (!came_free_.wait_for(lock, limit_, [this] { return !free_.empty(); }))
    throw SqlError("all connections for reading are in use");
  auto connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void ReaderPool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(connection));
  }
  came_free_.notify_one();
}

void ReaderPool::read(const std::function<void(Sql&)>& body) {
  Loan loan(*this);
  const Duration deadline = env_.boot_now() + limit_;
  loan.connection().set_interrupt([this, deadline] { return env_.boot_now() >= deadline; });
  loan.connection().execute("BEGIN");
  body(loan.connection());
}

}  // namespace purser::store
