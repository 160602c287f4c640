//! The SQL that both databases understand, behind one interface. Statements are written once, with `$1` for parameters, and use
//! nothing that only one of the databases has.

use crate::error::Result;

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub enum Param<'a> {
    /// NULL.
    Null,
    /// An integer (`BIGINT`).
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Param<'_> {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T> From<Option<T>> for Param<'a>
where
    T: Into<Param<'a>>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Makes a list of parameters.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Param::from($value)),*] };
}

/// A row of a result. Columns count from 0.
pub trait Row {
    /// An integer; `None` where it is NULL.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn maybe_int(&self, column: usize) -> Result<Option<i64>>;

    /// Text; `None` where it is NULL.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn maybe_text(&self, column: usize) -> Result<Option<String>>;

    /// Bytes; `None` where it is NULL.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn maybe_blob(&self, column: usize) -> Result<Option<Vec<u8>>>;

    /// An integer; 0 where it is NULL.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn int(&self, column: usize) -> Result<i64> {
        Ok(self.maybe_int(column)?.unwrap_or_default())
    }

    /// A truth value.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn flag(&self, column: usize) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }

    /// Text; empty where it is NULL.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn text(&self, column: usize) -> Result<String> {
        Ok(self.maybe_text(column)?.unwrap_or_default())
    }

    /// Bytes; empty where it is NULL.
    ///
    /// # Errors
    /// Where the column holds something else.
    fn blob(&self, column: usize) -> Result<Vec<u8>> {
        Ok(self.maybe_blob(column)?.unwrap_or_default())
    }
}

/// A transaction, or a snapshot that is only read.
pub trait Sql {
    /// Runs a statement, and gives the number of rows it changed.
    ///
    /// # Errors
    /// Where the database refuses.
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize>;

    /// Runs a query, and hands over each row.
    ///
    /// # Errors
    /// Where the database refuses, or `each` does.
    fn each(&mut self, sql: &str, params: &[Param<'_>], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()>;

    /// How the database goes about every statement that this connection has run: the statement, and the lines of its plan. For tests.
    ///
    /// # Errors
    /// Where the database refuses.
    #[doc(hidden)]
    fn plans(&mut self) -> Result<Vec<(String, Vec<String>)>>;
}

impl dyn Sql + '_ {
    /// Every row of a query.
    ///
    /// # Errors
    /// Where the database refuses, or `read` does.
    pub fn rows<T>(&mut self, sql: &str, params: &[Param<'_>], read: impl Fn(&dyn Row) -> Result<T>) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, params, &mut |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of a query.
    ///
    /// # Errors
    /// Where the database refuses, or `read` does.
    pub fn row<T>(&mut self, sql: &str, params: &[Param<'_>], read: impl Fn(&dyn Row) -> Result<T>) -> Result<Option<T>> {
        let mut found = None;
        self.each(sql, params, &mut |row| {
            if found.is_none() {
                found = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }
}
