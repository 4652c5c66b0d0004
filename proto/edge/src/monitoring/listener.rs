//! Serves the page: GET `/metrics`, few readers at once, each for a short while.
//! Without TLS and without a name for the caller, so it is off unless it is
//! configured, and belongs on loopback or an operations network.

use std::{future::Future, sync::Arc, time::Duration};

use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Page;
use crate::http1::{self, Bounds};

const READERS: Bounds = Bounds {
    connections: 8,
    longest: Duration::from_secs(60),
};
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves until `stop`. `page` says why there is none now.
pub async fn serve<F, W>(listener: TcpListener, page: F, stop: CancellationToken)
where
    F: Fn() -> W + Send + Sync + 'static,
    W: Future<Output = Result<Page, String>> + Send + 'static,
{
    let page = Arc::new(page);
    let answer = move |request| {
        let page = page.clone();
        async move { answer(&request, &*page).await }
    };
    http1::serve(listener, READERS, answer, stop).await;
}

async fn answer<F, W>(request: &Request<Incoming>, page: &F) -> Response<String>
where
    F: Fn() -> W,
    W: Future<Output = Result<Page, String>>,
{
    if request.uri().path() != "/metrics" {
        return told(StatusCode::NOT_FOUND, "metrics are at /metrics\n");
    }
    if request.method() != Method::GET {
        let mut told = told(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        let allowed = header::HeaderValue::from_static("GET");
        told.headers_mut().insert(header::ALLOW, allowed);
        return told;
    }
    let text = page().await.and_then(|page| {
        let text = page.text();
        text.map_err(|_| "the page could not be written".to_owned())
    });
    match text {
        Err(why) => told(StatusCode::SERVICE_UNAVAILABLE, &format!("{why}\n")),
        Ok(text) => {
            let mut page = Response::new(text);
            let format = header::HeaderValue::from_static(FORMAT);
            page.headers_mut().insert(header::CONTENT_TYPE, format);
            page
        }
    }
}

fn told(status: StatusCode, text: &str) -> Response<String> {
    let mut response = Response::new(text.to_owned());
    *response.status_mut() = status;
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    async fn said(listener_says: Result<f64, String>, request: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let page = move || {
            let value = listener_says.clone();
            async move {
                let value = value?;
                let mut page = Page::new("test");
                page.gauge("one", "One", value);
                Ok(page)
            }
        };
        let serving = tokio::spawn(serve(listener, page, stop.clone()));
        let mut socket = TcpStream::connect(address).await.unwrap();
        let head = format!("{request} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        serving.await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_the_page_is_served_and_only_to_be_read() {
        for (request, wants) in [
            (
                "GET /metrics",
                &["HTTP/1.1 200", FORMAT, "test_one 1.0\n"][..],
            ),
            ("GET /metrics?x=1", &["HTTP/1.1 200", "# EOF\n"]),
            ("GET /", &["HTTP/1.1 404", "metrics are at /metrics"]),
            ("POST /metrics", &["HTTP/1.1 405", "allow: GET"]),
            ("nonsense", &["HTTP/1.1 400"]),
        ] {
            let answer = said(Ok(1.0), request).await;
            for want in wants {
                assert!(answer.contains(want), "{request}: {want:?} in {answer:?}");
            }
        }
        let answer = said(Err("the store has stopped".into()), "GET /metrics").await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("has stopped"));
    }
}
