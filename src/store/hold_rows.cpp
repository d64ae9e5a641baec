#include "hold_rows.h"

#include <algorithm>

#include "purser/base/check.h"

namespace purser::store {

HoldRows::HoldRows(Connection& connection, const Id& workspace, std::size_t fewest)
    : workspace_(workspace),
      insert_(connection.prepare(
          "REPLACE INTO hold_rows (slot, workspace, request, epoch, sequence, amount_nanos, form, "
          "accounts, reserved_at, user, team, membership, key, project, label, task, task_name, "
          "provider, asked_model, format, end_user, metadata, price_id, price_version, "
          "explanation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
          "?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)")),
      set_accounts_(connection.prepare(
          "UPDATE hold_rows SET accounts = ?3 WHERE slot = ?1 AND request = ?2")),
      remove_(connection.prepare("DELETE FROM hold_rows WHERE workspace = ?1 AND slot > ?2")),
      fewest_(std::max<std::size_t>(fewest, 1)),
      is_open_(fewest_) {}

// After a burst, so that new holds stand on few pages again.
void HoldRows::halve_if_free() {
  const std::size_t half = is_open_.size() / 2;
  if (half < fewest_ || 4 * open_ > half) return;
  const auto upper = is_open_.begin() + static_cast<std::ptrdiff_t>(half);
  if (std::find(upper, is_open_.end(), true) != is_open_.end()) return;
  is_open_.resize(half);
  remove_->run({workspace_, static_cast<std::int64_t>(half)});
}

std::int64_t HoldRows::next_slot() {
  if (last_ + 1 >= is_open_.size()) halve_if_free();
  if (2 * (open_ + 1) > is_open_.size()) is_open_.resize(2 * is_open_.size());
  do last_ = (last_ + 1) % is_open_.size();
  while (is_open_[last_]);
  is_open_[last_] = true;
  ++open_;
  return static_cast<std::int64_t>(last_) + 1;
}

void HoldRows::insert(HoldEntry& hold) {
  hold.slot = next_slot();
  const HoldBody& body = *hold.body;
  const Attribution& who = body.attribution;
  const std::string accounts = encode_accounts(hold.accounts);
  insert_->run({hold.slot,
                workspace_,
                body.request,
                body.epoch,
                static_cast<std::int64_t>(body.sequence),
                body.amount,
                static_cast<int>(body.form),
                std::span(reinterpret_cast<const std::uint8_t*>(accounts.data()), accounts.size()),
                body.reserved_at,
                who.user,
                who.team,
                who.membership,
                who.key,
                who.project,
                who.label,
                who.task,
                who.task_name,
                who.provider,
                who.asked_model,
                who.format,
                who.end_user,
                who.metadata,
                body.price_id,
                body.price_version,
                body.explanation});
}

void HoldRows::end(const HoldEntry& hold) {
  const auto at = static_cast<std::size_t>(hold.slot - 1);
  PURSER_ASSERT(at < is_open_.size() && is_open_[at]);
  is_open_[at] = false;
  --open_;
}

void HoldRows::take_slots(const Layered<Id, HoldEntry>& open) {
  is_open_.assign(is_open_.size(), false);
  open_ = 0;
  open.each([&](const Id&, const HoldEntry& hold) {
    const auto at = static_cast<std::size_t>(hold.slot - 1);
    if (at >= is_open_.size()) is_open_.resize(at + 1);
    PURSER_ASSERT(!is_open_[at]);
    is_open_[at] = true;
    ++open_;
  });
}

void HoldRows::clear() {
  PURSER_ASSERT(open_ == 0);
  remove_->run({workspace_, 0});
}

void HoldRows::set_accounts(const HoldEntry& hold) {
  const std::string accounts = encode_accounts(hold.accounts);
  const auto changed = set_accounts_->run(
      {hold.slot, hold.body->request,
       std::span(reinterpret_cast<const std::uint8_t*>(accounts.data()), accounts.size())});
  PURSER_ASSERT(changed == 1);
}

void each_hold(
    Connection& connection, const Id& workspace,
    const std::function<void(HoldBody, std::int64_t slot, const std::vector<AccountKey>&)>& take) {
  connection.each(
      "SELECT request, epoch, sequence, amount_nanos, form, accounts, reserved_at, user, team, "
      "membership, key, project, label, task, task_name, provider, asked_model, format, end_user, "
      "metadata, price_id, price_version, explanation, slot FROM holds WHERE workspace = ?1 "
      "ORDER BY sequence",
      {workspace}, [&](const Row& row) {
        HoldBody body;
        body.request = row.id(0);
        body.epoch = row.integer(1);
        body.sequence = static_cast<std::uint64_t>(row.integer(2));
        body.amount = row.nanos(3);
        body.form = static_cast<std::uint8_t>(row.integer(4));
        const auto accounts = decode_accounts(row.bytes(5));
        body.reserved_at = row.instant(6);
        Attribution& who = body.attribution;
        who.user = row.id(7);
        who.team = row.id(8);
        who.membership = row.id(9);
        who.key = row.id(10);
        who.project = row.id(11);
        who.label = row.id(12);
        who.task = row.id(13);
        who.task_name = row.text(14);
        who.provider = row.text(15);
        who.asked_model = row.text(16);
        who.format = row.text(17);
        who.end_user = row.text(18);
        who.metadata = row.text(19);
        body.price_id = row.text(20);
        body.price_version = row.text(21);
        body.explanation = row.text(22);
        take(std::move(body), row.integer(23), accounts);
      });
}

}  // namespace purser::store
