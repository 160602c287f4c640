//! A request to a vendor.

use salesdash_value::Text;

use super::macros::{names, object, tagged};
use super::read::Fields;
use super::value::{Given, Tree, UrlPath};

names! {
    /// The HTTP method.
    Method {
        /// the usual one
        Get = "GET",
        /// with a body
        Post = "POST",
        /// with a body
        Put = "PUT",
        /// with a body
        Patch = "PATCH",
    }
}

object! {
    /// A request. Credentials, the headers of `http` and the host are added to it.
    RequestTemplate as "request" {
        /// `POST` where there is a body, else `GET`.
        method: Option<Method>,
        /// The path, which is appended to the base URL. A whole URL is taken as it is, where its host is allowed.
        path: Option<UrlPath>,
        /// Parameters of the query. One that is null is left out; a list gives the parameter several times.
        query: Fields<Given>,
        /// Headers. One that is null is left out.
        headers: Fields<Given>,
        /// The body.
        body: Option<Body>,
    }
}

tagged! {
    /// The body of a request.
    Body as "body" {
        /// A JSON body.
        Json(JsonBody) = "json" {
            /// The JSON.
            content: Tree,
        },
        /// A form, as `application/x-www-form-urlencoded`.
        Form(FormBody) = "form" {
            /// Its fields. One that is null is left out.
            fields: Fields<Given>,
        },
        /// A GraphQL query, sent as JSON.
        Graphql(GraphqlBody) = "graphql" {
            /// The query. An expression can choose between several, by `page.cursor` for instance.
            query: Given,
            /// Its variables. One that is null is left out.
            variables: Fields<Tree>,
            /// The name of the operation, where the query has several.
            operation: Option<Text>,
        },
    }
}
