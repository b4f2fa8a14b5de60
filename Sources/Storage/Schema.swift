/// The store's schema, as the steps that lead to it.
///
/// Step n brings a store of version n to n + 1, in one transaction with the new `user_version`. Steps are never edited
/// once released: a change is a new step.
enum Schema {
  /// "SLOT": tells our files from other programs' databases.
  static let applicationID: Int64 = 0x534C_4F54

  static let steps: [String] = [version1]
  static var version: Int64 { Int64(steps.count) }

  /// Of the tables that ``steps`` make: ``Migration/fingerprint(after:)``. A test says the new one when they have changed.
  static let fingerprint = "4941a20d6f4f8c21d3e73a4236c59aa2"

  /// Columns named `…_at` are whole milliseconds since 1970 in UTC. JSON columns hold what MessageJSON and ItemJSON write.
  private static let version1 = """
    CREATE TABLE watches (
      id TEXT PRIMARY KEY,
      site TEXT NOT NULL,
      params TEXT NOT NULL,              -- canonical JSON: names sorted
      every_ms INTEGER NOT NULL,
      origin TEXT NOT NULL CHECK (origin IN ('config', 'command')),
      notify TEXT NOT NULL,              -- JSON, the engine's
      added_at INTEGER NOT NULL,
      removed_at INTEGER,
      -- Rises with each change of a definition, so that a service finds what was changed beside it without reading all.
      revision INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX watches_by_revision ON watches (revision);
    -- The last one given; never falls, whatever is pruned.
    CREATE TABLE revisions (
      only INTEGER PRIMARY KEY CHECK (only = 0),
      newest INTEGER NOT NULL
    ) STRICT;
    INSERT INTO revisions (only, newest) VALUES (0, 0);
    -- Equal watches are one watch.
    CREATE UNIQUE INDEX watches_by_params ON watches (site, params);

    -- What runs know of a watch; apart from `watches`, so that a run never waits for a definition.
    CREATE TABLE watch_states (
      watch TEXT PRIMARY KEY,
      site TEXT NOT NULL,
      last_run INTEGER,
      last_run_at INTEGER,
      last_good_at INTEGER,
      verdict TEXT,
      key_fields TEXT,                   -- JSON array
      next_run_at INTEGER,
      interval_ms INTEGER,               -- `every` as the limits of its origins allow it
      -- What the next run has to find for nothing to be news or to wait for a time; NULL where something is.
      settled TEXT,
      answers TEXT                       -- a hash of what the last run was answered
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE spec_versions (
      site TEXT NOT NULL,
      version TEXT NOT NULL,
      text TEXT NOT NULL,
      first_seen_at INTEGER NOT NULL,
      PRIMARY KEY (site, version)
    ) STRICT, WITHOUT ROWID;

    -- A run that says what the one before said, and tells nobody, is counted in its row: `repeats`.
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      watch TEXT NOT NULL,
      site TEXT NOT NULL,
      spec_version TEXT NOT NULL,
      first_started_at INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER NOT NULL,
      verdict TEXT NOT NULL,
      items INTEGER NOT NULL,
      quiet INTEGER NOT NULL,            -- 1: told nobody anything
      repeats INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE INDEX runs_by_watch ON runs (watch, id);
    CREATE INDEX runs_by_end ON runs (ended_at);

    CREATE TABLE run_branches (
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      branch TEXT NOT NULL,
      verdict TEXT NOT NULL,
      items INTEGER NOT NULL,
      detail TEXT,
      trace TEXT NOT NULL,               -- JSON
      PRIMARY KEY (run, branch)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE branches (
      watch TEXT NOT NULL,
      branch TEXT NOT NULL,
      last_good_at INTEGER,
      rows_hash TEXT,
      verdict TEXT NOT NULL,
      verdict_since_at INTEGER NOT NULL,
      gone_in_a_row INTEGER NOT NULL,
      is_news INTEGER NOT NULL,
      key_rules TEXT,                    -- hash of the rules that gave the snapshot's keys
      ignored_drops INTEGER NOT NULL DEFAULT 0,
      noise TEXT,                        -- JSON array
      PRIMARY KEY (watch, branch)
    ) STRICT, WITHOUT ROWID;

    -- The life of each item.
    CREATE TABLE items (
      watch TEXT NOT NULL,
      key TEXT NOT NULL,
      branch TEXT NOT NULL,
      fields TEXT NOT NULL,              -- JSON
      state TEXT NOT NULL CHECK (state IN ('arriving', 'open', 'leaving', 'gone', 'passed')),
      since_at INTEGER NOT NULL,
      first_seen_at INTEGER NOT NULL,
      last_seen_at INTEGER NOT NULL,     -- of what is arriving or open, its branch's last_good_at counts instead
      lives INTEGER NOT NULL,
      PRIMARY KEY (watch, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX items_ended ON items (state, since_at) WHERE state IN ('gone', 'passed');
    -- A run that finds what was there writes no item.
    CREATE VIEW items_seen AS SELECT i.*,
      CASE WHEN i.state IN ('arriving', 'open') THEN coalesce(b.last_good_at, i.last_seen_at) ELSE i.last_seen_at END
        AS seen_at
      FROM items i LEFT JOIN branches b ON b.watch = i.watch AND b.branch = i.branch;

    CREATE TABLE changes (
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('added', 'removed', 'updated')),
      item_key TEXT NOT NULL,
      branch TEXT NOT NULL,
      fields TEXT NOT NULL,              -- JSON, as it is now
      before TEXT NOT NULL               -- JSON, tracked fields as they were
    ) STRICT;
    CREATE INDEX changes_by_run ON changes (run);

    -- Equal texts of one transaction are kept once.
    CREATE TABLE messages (
      id INTEGER PRIMARY KEY,
      text TEXT NOT NULL                 -- JSON
    ) STRICT;

    CREATE TABLE deliveries (
      number INTEGER PRIMARY KEY,        -- rises in the order of creation
      id TEXT NOT NULL UNIQUE,           -- the idempotency key
      kind TEXT NOT NULL CHECK (kind IN ('alert', 'summary', 'maintainer', 'test')),
      state TEXT NOT NULL
        CHECK (state IN ('pending', 'leased', 'delivered', 'expired', 'obsolete', 'dead', 'dropped', 'cancelled')),
      channel TEXT NOT NULL,
      recipient TEXT NOT NULL,           -- where it goes now
      -- The queue it stands in: its recipient's; of a channel that is one address itself (a webhook), its watch's.
      lane TEXT NOT NULL GENERATED ALWAYS AS (CASE WHEN recipient = '' THEN watch ELSE recipient END) VIRTUAL,
      subscription TEXT NOT NULL,
      rule TEXT NOT NULL,
      watch TEXT NOT NULL,
      site TEXT NOT NULL,
      run INTEGER REFERENCES runs ON DELETE SET NULL,
      message INTEGER NOT NULL REFERENCES messages,
      sequence INTEGER NOT NULL,         -- per channel, recipient and watch, from 1
      created_at INTEGER NOT NULL,
      not_before_at INTEGER,
      due_at INTEGER NOT NULL,
      wished_until_at INTEGER,           -- held back until then by quiet hours or a snooze, when its turn had come
      expires_at INTEGER,
      useful_for_ms INTEGER,             -- a line's use after the last good run that saw its item
      limit_count INTEGER,               -- the subscription's at_most
      limit_per_ms INTEGER,
      quiet TEXT,                        -- QuietHours.text: not sent in them
      -- Where it stands in its queue: 0 its time has not come, 1 due, 2 in front; NULL once it has ended.
      place INTEGER CHECK (place IN (0, 1, 2)),
      attempt INTEGER NOT NULL DEFAULT 0,      -- the newest number handed out
      open_attempt INTEGER,                    -- handed out, end not recorded
      leased_at INTEGER,
      unbegun INTEGER NOT NULL DEFAULT 0,      -- 1: leased, and surely not sent yet
      lease_until_at INTEGER,
      unsure INTEGER NOT NULL DEFAULT 0,
      plain INTEGER NOT NULL DEFAULT 0,
      ended_at INTEGER,
      receipt TEXT,
      reason TEXT,
      detail TEXT,
      CHECK ((place IS NULL) = (state NOT IN ('pending', 'leased'))),
      CHECK ((state = 'leased') = (lease_until_at IS NOT NULL))
    ) STRICT;
    -- Also the promise that nothing is sent twice at once to one recipient.
    CREATE UNIQUE INDEX deliveries_front ON deliveries (channel, lane) WHERE place = 2;
    CREATE INDEX deliveries_offered ON deliveries (channel, created_at DESC) WHERE place = 2 AND state = 'pending';
    -- A watch's share of the turns: its oldest front.
    CREATE INDEX deliveries_offered_by_watch ON deliveries (channel, watch, created_at)
      WHERE place = 2 AND state = 'pending';
    CREATE INDEX deliveries_behind ON deliveries (channel, lane, number) WHERE place = 1;
    CREATE INDEX deliveries_later ON deliveries (channel, due_at) WHERE place = 0;
    CREATE INDEX deliveries_overtaken ON deliveries (channel, recipient, watch, sequence) WHERE place = 0;
    CREATE INDEX deliveries_leased ON deliveries (channel, lease_until_at) WHERE state = 'leased';
    CREATE INDEX deliveries_leased_of_subscription ON deliveries (subscription, watch) WHERE state = 'leased';
    CREATE INDEX deliveries_expiring ON deliveries (channel, expires_at)
      WHERE state = 'pending' AND expires_at IS NOT NULL;
    -- Queries say `place IS NOT NULL` for open ones: SQLite uses a partial index only where it sees its condition.
    CREATE INDEX deliveries_open ON deliveries (channel, recipient) WHERE place IS NOT NULL;
    CREATE INDEX deliveries_open_of_watch ON deliveries (watch) WHERE place IS NOT NULL;
    -- With the watch: of a channel without recipients all watches are one subscription.
    CREATE INDEX deliveries_open_of_subscription ON deliveries (subscription, watch) WHERE place IS NOT NULL;
    CREATE INDEX deliveries_told ON deliveries (subscription, watch, ended_at) WHERE state = 'delivered';
    CREATE INDEX deliveries_told_by_channel ON deliveries (channel, ended_at) WHERE state = 'delivered';
    CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
    CREATE INDEX deliveries_by_run ON deliveries (run) WHERE run IS NOT NULL;
    CREATE INDEX deliveries_by_message ON deliveries (message);

    CREATE TABLE delivery_lines (
      delivery INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
      line INTEGER NOT NULL,             -- index into the message's lines
      change INTEGER REFERENCES changes ON DELETE SET NULL,
      kind TEXT,                         -- of the change; NULL in summaries
      item_key TEXT,
      ends_at INTEGER,                   -- never told from here on
      state TEXT NOT NULL DEFAULT 'shown' CHECK (state IN ('shown', 'withdrawn')),
      late INTEGER NOT NULL DEFAULT 0,   -- withdrawn because it came too late, not because its item was gone
      PRIMARY KEY (delivery, line)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX delivery_lines_by_change ON delivery_lines (change) WHERE change IS NOT NULL;
    CREATE INDEX delivery_lines_withdrawn ON delivery_lines (item_key) WHERE state = 'withdrawn' AND late = 0;

    CREATE TABLE attempts (
      id INTEGER PRIMARY KEY,
      delivery INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
      channel TEXT NOT NULL,             -- the delivery's, for the looks at a channel's past
      attempt INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,                  -- NULL: never recorded
      outcome TEXT NOT NULL,             -- AttemptOutcome.word, or 'lost'
      status INTEGER,
      reason TEXT NOT NULL,
      detail TEXT,
      next_at INTEGER,
      counted INTEGER NOT NULL,          -- 0: came too late, changed nothing
      -- 1: the channel's fault, not one of the delivery's tries; 2: forgiven by an operator, and no doubt either.
      excused INTEGER NOT NULL DEFAULT 0 CHECK (excused IN (0, 1, 2))
    ) STRICT;
    CREATE INDEX attempts_by_delivery ON attempts (delivery, id);
    CREATE INDEX attempts_by_channel ON attempts (channel, id);
    -- A channel's newest failure, however many sends ago.
    CREATE INDEX attempts_failed ON attempts (channel, id)
      WHERE outcome NOT IN ('delivered', 'lost', 'moved', 'resend_plain');

    -- What channels with a budget have spent, by day of UTC.
    CREATE TABLE spending (
      channel TEXT NOT NULL,
      day_at INTEGER NOT NULL,
      messages INTEGER NOT NULL,
      parts INTEGER NOT NULL,
      PRIMARY KEY (channel, day_at)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sequences (
      channel TEXT NOT NULL,
      recipient TEXT NOT NULL,
      watch TEXT NOT NULL,
      last INTEGER NOT NULL,
      PRIMARY KEY (channel, recipient, watch)
    ) STRICT, WITHOUT ROWID;

    -- Only recipients of whom there is something to say; all others are active.
    CREATE TABLE recipients (
      channel TEXT NOT NULL,
      address TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('active', 'gone')),
      moved_to TEXT,
      reason TEXT,
      since_at INTEGER NOT NULL,
      told_at INTEGER,                   -- the maintainers have heard that it is gone
      PRIMARY KEY (channel, address)
    ) STRICT, WITHOUT ROWID;

    -- What recipients asked for by command, of one watch or ('') of all.
    CREATE TABLE subscription_holds (
      channel TEXT NOT NULL,
      recipient TEXT NOT NULL,
      watch TEXT NOT NULL,
      stopped INTEGER NOT NULL DEFAULT 0,
      snoozed_until_at INTEGER,
      since_at INTEGER NOT NULL,
      PRIMARY KEY (channel, recipient, watch)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE channels (
      name TEXT PRIMARY KEY,
      state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'misconfigured')),
      until_at INTEGER,
      reason TEXT,
      detail TEXT,
      since_at INTEGER NOT NULL,
      config_hash TEXT
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE incidents (
      id INTEGER PRIMARY KEY,
      incident TEXT NOT NULL,
      opened_at INTEGER NOT NULL,
      closed_at INTEGER,
      detail TEXT                        -- what is wrong, in words, where the key alone does not say it
    ) STRICT;
    CREATE UNIQUE INDEX incidents_open ON incidents (incident) WHERE closed_at IS NULL;
    CREATE TABLE incident_members (
      incident TEXT NOT NULL,
      watch TEXT NOT NULL,
      branch TEXT NOT NULL,
      joined_at INTEGER NOT NULL,
      PRIMARY KEY (incident, watch, branch)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX incident_members_by_watch ON incident_members (watch, branch);

    CREATE TABLE pages (
      watch TEXT NOT NULL,
      request TEXT NOT NULL,
      etag TEXT,
      last_modified TEXT,
      content_type TEXT,
      fetched_at INTEGER NOT NULL,
      body BLOB NOT NULL,
      PRIMARY KEY (watch, request)
    ) STRICT;
    CREATE INDEX pages_by_age ON pages (fetched_at);

    CREATE TABLE step_rows (
      watch TEXT NOT NULL,
      request TEXT NOT NULL,
      spec_version TEXT NOT NULL,
      fetched_at INTEGER NOT NULL,
      rows TEXT NOT NULL,                -- JSON
      PRIMARY KEY (watch, request)
    ) STRICT;
    CREATE INDEX step_rows_by_age ON step_rows (fetched_at);

    -- Answers of each watch's last good run and of its newest break, for whoever mends the spec.
    CREATE TABLE kept_bodies (
      watch TEXT NOT NULL,
      site TEXT NOT NULL,
      is_good INTEGER NOT NULL,
      request TEXT NOT NULL,
      step TEXT NOT NULL,
      place INTEGER NOT NULL,            -- in the run's order
      spec_version TEXT NOT NULL,
      kept_at INTEGER NOT NULL,
      status INTEGER NOT NULL,
      url TEXT NOT NULL,
      content_type TEXT,
      size INTEGER NOT NULL,
      bytes INTEGER NOT NULL,            -- of `body`
      body BLOB NOT NULL,                -- deflated
      PRIMARY KEY (watch, is_good, request)
    ) STRICT;
    CREATE INDEX kept_bodies_by_step ON kept_bodies (site, step, is_good, kept_at);
    CREATE INDEX kept_bodies_by_age ON kept_bodies (kept_at);
    -- What they take: counted as they come and go, as a sum over all of them for each run that is kept would cost.
    CREATE TABLE kept_size (bytes INTEGER NOT NULL) STRICT;
    INSERT INTO kept_size VALUES (0);
    -- REPLACE would delete without telling the second.
    CREATE TRIGGER kept_bodies_added AFTER INSERT ON kept_bodies BEGIN
      UPDATE kept_size SET bytes = bytes + new.bytes;
    END;
    CREATE TRIGGER kept_bodies_removed AFTER DELETE ON kept_bodies BEGIN
      UPDATE kept_size SET bytes = bytes - old.bytes;
    END;

    -- What samples of good runs say of each step: see docs/drift.md.
    CREATE TABLE drift (
      site TEXT NOT NULL,
      step TEXT NOT NULL,
      spec_version TEXT NOT NULL,
      stats TEXT NOT NULL,               -- JSON, the engine's
      updated_at INTEGER NOT NULL,
      missing_since_at INTEGER,          -- the site is in no file that could be read
      PRIMARY KEY (site, step)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE canaries (
      canary TEXT PRIMARY KEY,
      site TEXT NOT NULL,
      spec_version TEXT NOT NULL,
      last_run_at INTEGER NOT NULL,
      verdict TEXT NOT NULL,
      items INTEGER NOT NULL,
      problem TEXT,                      -- NULL where every fact holds
      doubt TEXT,                        -- a problem that the next run confirms before anybody is told
      since_at INTEGER NOT NULL,         -- of that state
      missing_since_at INTEGER           -- as of drift
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE subscriptions_greeted (
      watch TEXT NOT NULL,
      subscription TEXT NOT NULL,
      greeted_at INTEGER NOT NULL,
      PRIMARY KEY (watch, subscription)
    ) STRICT, WITHOUT ROWID;

    -- What a newcomer could not be told when greeted.
    CREATE TABLE greetings_owed (
      watch TEXT NOT NULL,
      subscription TEXT NOT NULL,
      branch TEXT NOT NULL,
      since_at INTEGER NOT NULL,
      PRIMARY KEY (watch, subscription, branch)
    ) STRICT, WITHOUT ROWID;

    -- Origins that asked to be left alone, or that failed: a restart keeps it.
    CREATE TABLE origins (
      origin TEXT PRIMARY KEY,
      told_at INTEGER NOT NULL,
      silent_until_at INTEGER NOT NULL,
      closed_until_at INTEGER NOT NULL,  -- the breaker's
      failures INTEGER NOT NULL,
      pauses INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
