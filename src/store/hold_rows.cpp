#include "hold_rows.h"

namespace purser::store {

HoldRows::HoldRows(Connection& connection, const Id& workspace)
    : workspace_(workspace),
      insert_(connection.prepare(
          "INSERT INTO holds (workspace, request, epoch, sequence, amount_nanos, form, accounts, "
          "reserved_at, user, team, membership, key, project, label, task, task_name, provider, "
          "asked_model, format, end_user, metadata, price_id, price_version, explanation) VALUES "
          "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, "
          "?20, ?21, ?22, ?23, ?24)")),
      erase_(connection.prepare("DELETE FROM holds WHERE sequence = ?1 AND request = ?2")),
      set_accounts_(connection.prepare(
          "UPDATE holds SET accounts = ?3 WHERE sequence = ?1 AND request = ?2")) {}

void HoldRows::insert(const HoldEntry& hold) {
  const HoldBody& body = *hold.body;
  const Attribution& who = body.attribution;
  const std::string accounts = encode_accounts(hold.accounts);
  insert_->run({workspace_,
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

void HoldRows::erase(const HoldEntry& hold) {
  const HoldBody& body = *hold.body;
  const auto erased = erase_->run({static_cast<std::int64_t>(body.sequence), body.request});
  PURSER_ASSERT(erased == 1);
}

void HoldRows::set_accounts(const HoldEntry& hold) {
  const std::string accounts = encode_accounts(hold.accounts);
  const auto changed = set_accounts_->run(
      {static_cast<std::int64_t>(hold.body->sequence), hold.body->request,
       std::span(reinterpret_cast<const std::uint8_t*>(accounts.data()), accounts.size())});
  PURSER_ASSERT(changed == 1);
}

void each_hold(Connection& connection, const Id& workspace,
               const std::function<void(HoldBody, const std::vector<AccountKey>&)>& take) {
  connection.each(
      "SELECT request, epoch, sequence, amount_nanos, form, accounts, reserved_at, user, team, "
      "membership, key, project, label, task, task_name, provider, asked_model, format, end_user, "
      "metadata, price_id, price_version, explanation FROM holds WHERE workspace = ?1 ORDER BY "
      "sequence",
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
        take(std::move(body), accounts);
      });
}

}  // namespace purser::store
