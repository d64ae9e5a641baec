// The writer's files, with the writes to the write-ahead log gathered: SQLite writes each page of a
// commit in two calls (a frame's head, its page), one after the other in the file; here they reach
// the file in one, before the sync that makes them durable. Nothing else changes: whatever asks the
// log anything (a read, its size, a sync, a truncate, its close) first writes what was gathered, so
// no order of bytes and syncs is another than SQLite's own, but for writes that lie next to each
// other with no sync between them.
//
// An error of a gathered write is told by the call that wrote it: of a commit, by its sync, and the
// commit fails as it would have.
#pragma once

namespace purser::store {

// The VFS's name, for sqlite3_open_v2; registered with the first call. It stands in front of
// whatever VFS is SQLite's default when a file is opened.
const char* log_vfs();

}  // namespace purser::store
