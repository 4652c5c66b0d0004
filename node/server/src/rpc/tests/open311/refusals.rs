//! Errors of the façade in GeoReport's shape, and its limits.

use super::*;

#[tokio::test]
async fn what_is_wrong_is_said_in_georeports_shape() {
    let facade = Facade::start().await;
    let staff = facade.node.token(pb::Role::Staff, "").await;
    let key = format!("api_key={staff}");
    for (path, status, named) in [
        ("requests.json".to_owned(), 403, "TOKEN_REQUIRED"),
        ("requests.json?api_key=x".to_owned(), 403, "TOKEN_MALFORMED"),
        ("services.json?jurisdiction_id=1".to_owned(), 404, COMMUNITY),
        (
            "services/mediation-agreement.json".to_owned(),
            404,
            "service_code",
        ),
        ("nothing.json".to_owned(), 404, "nothing at"),
        ("tokens/1.json".to_owned(), 404, "no token"),
        (format!("requests/x.json?{key}"), 404, "number"),
        (format!("requests/9.json?{key}"), 404, "UNKNOWN_CASE"),
        (format!("requests.json?{key}&status=done"), 400, "status"),
        (format!("requests.json?{key}&page=0"), 400, "page"),
        (
            format!("requests.json?{key}&start_date=yesterday"),
            400,
            "start_date",
        ),
        (
            format!(
                "requests.json?{key}&start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z"
            ),
            400,
            "90 days",
        ),
    ] {
        let (got, body) = facade.get(&path).await;
        let errors: Value =
            serde_json::from_str(&body).unwrap_or_else(|_| panic!("{path}: {body}"));
        assert_eq!(
            (got, errors[0]["code"].as_u64()),
            (status, Some(status.into())),
            "{path}"
        );
        let said = errors[0]["description"].as_str().unwrap();
        assert!(said.contains(named), "{path}: {said}");
    }
    let whole = [
        ("api_key", staff.as_str()),
        ("service_code", "street-light"),
        ("address_string", "3 幢"),
    ];
    let long = "字".repeat(4_001);
    for (field, value, named) in [
        ("service_code", "", "service_code"),
        ("address_string", "", "address_string"),
        ("description", long.as_str(), "description: want"),
        ("lat", "91", "lat"),
        ("attribute[grid]", "3", "attribute[grid]"),
        (
            "attribute[due_at]",
            "2026-03-04T11:00:00+08:00",
            "attribute[due_at]",
        ),
        ("media_url", "file:///etc/passwd", "media_url"),
        (
            "phone",
            "1234567890123456789012345678901234567890x",
            "phone",
        ),
    ] {
        let mut fields = vec![(field, value)];
        fields.extend(whole.iter().filter(|(key, _)| *key != field));
        let (status, body) = facade.post(&fields).await;
        assert_eq!(status, 400, "{field}: {body}");
        let errors: Value = serde_json::from_str(&body).unwrap();
        let said = errors[0]["description"].as_str().unwrap();
        assert!(said.contains(named), "{field}: {said}");
    }
    let auditor = facade.node.token(pb::Role::Auditor, "").await;
    let mut fields = whole.to_vec();
    fields[0].1 = &auditor;
    assert_eq!(
        facade.post(&fields).await.0,
        403,
        "an auditor reports nothing"
    );
    // The bearer's header does as well as api_key.
    let head = format!("GET /open311/v2/requests.xml HTTP/1.1\r\nAuthorization: Bearer {staff}");
    let (status, body) = facade.send(&head, "").await;
    assert_eq!(
        (status, elements(&body)),
        (200, vec!["service_requests".to_owned()])
    );
    let (status, body) = facade
        .send("DELETE /open311/v2/requests.xml HTTP/1.1", "")
        .await;
    assert_eq!((status, elements(&body)[1].as_str()), (405, "errors/error"));
    facade.stop().await;
}

#[tokio::test]
async fn bodies_and_connections_have_limits() {
    let facade = Facade::start().await;
    let form = "POST /open311/v2/requests.json HTTP/1.1\r\n\
                Content-Type: application/x-www-form-urlencoded";
    let (status, _) = facade.send(form, &"x".repeat(64 << 10)).await;
    assert_eq!(
        status, 403,
        "as much as there may be: only the key is missing"
    );
    let (status, _) = facade.send(form, &"x".repeat((64 << 10) + 1)).await;
    assert_eq!(status, 413);
    let picture = "POST /open311/v2/requests.json HTTP/1.1\r\n\
                   Content-Type: multipart/form-data; boundary=x";
    assert_eq!(facade.send(picture, "--x--").await.0, 415);
    // 64 who say nothing; one more is closed, until one of them goes.
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(TcpStream::connect(facade.address).await.unwrap());
    }
    let mut answered = facade.get("services.json").await.0;
    assert_eq!(answered, 0, "closed without an answer");
    silent.clear();
    for _ in 0..1_000 {
        answered = facade.get("services.json").await.0;
        if answered == 200 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(answered, 200);
    facade.stop().await;
}
