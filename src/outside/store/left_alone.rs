//! Sites whose pages and files are left alone for a while, as they asked.

use jiff::Timestamp;
use rusqlite::params;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_timestamp;

impl Store {
    /// The sites (scheme, host and port) that want to be left alone at `now`, and until when; those whose time is over are
    /// forgotten.
    pub fn sites_left_alone(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.connection
            .prepare_cached("DELETE FROM site_left_alone WHERE until <= ?1")?
            .execute([from_timestamp(now)])?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT site, until FROM site_left_alone ORDER BY site")?;
        let sites =
            statement.query_map([], |row| Ok((row.get(0)?, to_timestamp(1, row.get(1)?)?)))?;
        Ok(sites.collect::<Result<_, _>>()?)
    }

    /// Writes down that a site wants to be left alone until then.
    pub fn leave_alone(&mut self, site: &str, until: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO site_left_alone (site, until) VALUES (?1, ?2)
                 ON CONFLICT (site) DO UPDATE SET until = max(until, excluded.until)",
            )?
            .execute(params![site, from_timestamp(until)])?;
        Ok(())
    }
}
