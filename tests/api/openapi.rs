use super::served;

#[tokio::test]
async fn the_document_is_served_and_a_listener_tells_of_its_own_families() {
    let (daemon, _dir) = served::start("[[listeners]]\naddress = '127.0.0.1:0'\nfamilies = ['dtle3']\n").await;
    let (status, document) = daemon.get("/openapi.json").await;
    assert_eq!((status.as_u16(), document["openapi"].as_str()), (200, Some("3.1.0")));
    assert!(document["paths"]["/api/v1/jobs/{id}"]["get"].is_object());
    let (_, server) = daemon.get("/api/v1/server").await;
    let second = server["listeners"][1]["address"].as_str().unwrap();
    let other: serde_json::Value = reqwest::get(format!("http://{second}/openapi.json")).await.unwrap().json().await.unwrap();
    assert!(other["paths"]["/v2/jobs"].is_object() && other["paths"]["/api/v1/jobs"].is_null());
    daemon.stop().await;
}

#[tokio::test]
async fn the_page_comes_whole_out_of_the_binary() {
    let (daemon, _dir) = served::start("").await;
    // The short form leads there.
    let reply = reqwest::get(format!("{}/swagger", daemon.url)).await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.url().path()), (200, "/swagger/index.html"));
    let page = reply.text().await.unwrap();
    let parts = page.split(['"', '\'']).filter_map(|p| p.strip_prefix("./")).filter(|p| p.ends_with(".js") || p.ends_with(".css"));
    let mut count = 0;
    for part in parts {
        let reply = reqwest::get(format!("{}/swagger/{part}", daemon.url)).await.unwrap();
        assert_eq!(reply.status(), 200, "{part}");
        let text = reply.text().await.unwrap();
        if part == "swagger-initializer.js" {
            assert!(text.contains("\"/openapi.json\""), "{text}");
        }
        count += 1;
    }
    assert!(count >= 3, "{page}");
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing comes from elsewhere: {page}");
    assert_eq!(reqwest::get(format!("{}/swagger/none.js", daemon.url)).await.unwrap().status(), 404);
    daemon.stop().await;
}
