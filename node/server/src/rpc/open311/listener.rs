//! Requests of the façade: their queries, their small forms. In clear, so it listens
//! on loopback alone. Knows no call.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};
use proto_edge::http1::{self, Bounds};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::answer::{Refused, Told};

const CLIENTS: Bounds = Bounds {
    connections: 64,
    longest: Duration::from_secs(120),
};
const BODY_WAIT: Duration = Duration::from_secs(10);
/// A description of 4,000 characters, percent-encoded, has 36 KiB.
const LARGEST_BODY: usize = 64 << 10;
const FORM: &str = "application/x-www-form-urlencoded";

/// Fields of a query or a form; of a name that comes twice the first counts.
#[derive(Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

/// A request, its body read.
#[derive(Debug)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: Fields,
    pub form: Fields,
    pub headers: HeaderMap,
}

impl Fields {
    pub fn parse(encoded: &[u8]) -> Fields {
        let mut fields = BTreeMap::new();
        for (key, value) in form_urlencoded::parse(encoded) {
            let value = value.into_owned();
            fields.entry(key.into_owned()).or_insert(value);
        }
        Fields(fields)
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

/// Serves until `stop`; then what is being answered is cut off.
pub async fn serve<F, W>(listener: TcpListener, answer: F, stop: CancellationToken)
where
    F: Fn(Asked) -> W + Send + Sync + 'static,
    W: Future<Output = Told> + Send + 'static,
{
    let answer = Arc::new(answer);
    let answer = move |request| {
        let answer = answer.clone();
        async move { answered(request, &*answer).await }
    };
    http1::serve(listener, CLIENTS, answer, stop).await;
}

async fn answered<F, W>(request: Request<Incoming>, answer: &F) -> Response<String>
where
    F: Fn(Asked) -> W,
    W: Future<Output = Told>,
{
    let (head, body) = request.into_parts();
    let form = match head.method {
        Method::POST => form(&head.headers, body).await,
        _ => Ok(Fields::default()),
    };
    let asked = |form| Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: Fields::parse(head.uri.query().unwrap_or_default().as_bytes()),
        form,
        headers: head.headers,
    };
    match form {
        Ok(form) => answer(asked(form)).await.into_response(),
        Err(refused) => {
            let asked = asked(Fields::default());
            let format = super::route::Route::parse(&asked).format;
            Told::refused(refused).in_format(format).into_response()
        }
    }
}

async fn form(headers: &HeaderMap, mut body: Incoming) -> Result<Fields, Refused> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or(FORM);
    if kind.split(';').next().map(str::trim) != Some(FORM) {
        let wants = format!("want {FORM}; pictures go as media_url · 只接受表单，图片用 media_url");
        return Err(Refused::with(StatusCode::UNSUPPORTED_MEDIA_TYPE, wants));
    }
    let read = async {
        let mut bytes = Vec::new();
        while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            let frame = frame.map_err(|fault| Refused::bad(fault.to_string()))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > LARGEST_BODY {
                let most = format!("at most {LARGEST_BODY} bytes · 最多 {LARGEST_BODY} 字节");
                return Err(Refused::with(StatusCode::PAYLOAD_TOO_LARGE, most));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes)
    };
    let read = tokio::time::timeout(BODY_WAIT, read).await;
    let bytes = read.map_err(|_| {
        let late = "the body did not come · 正文未到";
        Refused::with(StatusCode::REQUEST_TIMEOUT, late)
    })??;
    Ok(Fields::parse(&bytes))
}
