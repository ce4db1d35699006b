//! Every sample of the contract, replayed with a real MySQL, a real MariaDB and a real Kafka.

use super::super::contract::{assert_shape, json as sample, samples};
use super::super::served;
use super::{Client, PATIENCE, task};
use crate::support::until::until;
use crate::support::{broker, servers, sql};
use reqwest::Method;

#[test]
fn every_sample_is_replayed() {
    assert_eq!(samples("dts"), ["alter.response", "list.response", "submit.response"]);
}

#[tokio::test]
async fn every_sample_gets_a_reply_of_its_shape() {
    let (Some(mysql), Some(mariadb), Some(broker)) = (servers::mysql(1), servers::mariadb(1), broker::kafka()) else { return };
    for (source, flavor) in [(mysql, "MySQL56/"), (mariadb, "MariaDB/")] {
        let schema = sql::scratch("dtssamples", &[source]).await;
        let mut conn = sql::connect(source).await;
        for table in ["xes_class_students_1", "xes_class_students_x", "check_delay"] {
            sql::exec(&mut conn, &format!("CREATE TABLE {schema}.{table} (id INT PRIMARY KEY, v VARCHAR(20))")).await;
        }
        let (daemon, _dir) = served::start("[[listeners]]\naddress = '127.0.0.1:0'\nfamilies = ['dts']\n").await;
        let (_, server) = daemon.get("/api/v1/server").await;
        let own = server["listeners"][1]["address"].as_str().unwrap();
        // Through the family's own listener, as its clients do.
        let client = Client::new(&format!("http://{own}"), None);
        let body = task(source, broker, &schema, &schema);
        // Nor is there anything of another form there, but for what every listener serves.
        for path in ["/", "/v1", "/v1/jobs", "/v2/jobs", "/api/v1/server", "/index.html"] {
            assert_eq!(client.get(path).await.status, 404, "{path}");
        }
        assert_eq!(reqwest::get(format!("http://{own}/livez")).await.unwrap().text().await.unwrap(), "ok\n");
        // A submit that is refused uses up no id.
        assert_eq!(client.send(Method::POST, "/v1/dispatch/submit", super::nowhere()).await.status, 400);

        let submitted = client.send(Method::POST, "/v1/dispatch/submit", &body).await;
        assert_eq!(submitted.status, 200, "{submitted:?}");
        assert_shape(&submitted.data, &sample("dts", "submit.response")["data"], &[]);
        assert_eq!((submitted.data["addr"].as_str(), submitted.data["id"].as_u64()), (Some(own), Some(1)));
        client.state(1, "Running").await;
        // incr: from the submit on. The table that the pattern does not match is not of the task.
        for table in ["xes_class_students_1", "xes_class_students_x", "check_delay"] {
            sql::exec(&mut conn, &format!("INSERT INTO {schema}.{table} VALUES (7, '七')")).await;
        }
        until(PATIENCE, "two rows are in Kafka", async || broker.read(&schema).await.len() == 2).await;
        let records = broker.read(&schema).await;
        let tables: Vec<_> = records.iter().map(|r| r.value.as_ref().unwrap()["table"].as_str().unwrap().to_owned()).collect();
        assert!(tables.contains(&"xes_class_students_1".to_owned()) && tables.contains(&"check_delay".to_owned()), "{tables:?}");

        until(PATIENCE, "the list tells the time at the source", async || {
            let list = client.done(Method::GET, "/v1/task/list?per_page=5&page=1", "").await;
            !list["tasks"][0]["transaction_time"].as_str().unwrap().starts_with("0000")
        })
        .await;
        let list = client.done(Method::GET, "/v1/task/list?per_page=5&page=1", "").await;
        assert_shape(&list, &sample("dts", "list.response")["data"], &[]);
        let row = &list["tasks"][0];
        assert!(row["pos"].as_str().unwrap().starts_with(flavor), "{row}");
        assert_eq!(
            (row["source_addr"].clone(), row["dest_addr"].clone()),
            (format!("127.0.0.1:{}", source.port).into(), broker.address().into())
        );
        assert_eq!((row["state"].as_str(), row["message"].as_str(), row["service_addr"].as_str()), (Some("Running"), Some(""), Some(own)));
        for time in ["updated_at", "transaction_time"] {
            let time = row[time].as_str().unwrap();
            jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", time).unwrap_or_else(|e| panic!("{time}: {e}"));
        }

        let altered = client.send(Method::PUT, "/v1/dispatch/alter/1", &body).await;
        assert_eq!((altered.status, altered.data), (200, sample("dts", "alter.response")["data"].clone()));
        client.done(Method::DELETE, "/v1/dispatch/delete/1", "").await;
        daemon.stop().await;
    }
}
