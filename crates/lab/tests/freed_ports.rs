//! A lab that is dropped frees every port. In a process of its own: a test beside it could take a freed
//! port at once.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use mta_sts_lab::{Lab, scenarios};
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test]
async fn dropping_the_lab_frees_every_port() {
    let healthy = scenarios().iter().find(|it| it.name == "healthy").unwrap();
    let lab = Lab::start(std::slice::from_ref(healthy)).await.unwrap();
    let mut sockets: Vec<SocketAddr> = lab.routes().into_values().collect();
    let resolver = lab.resolver();
    sockets.push(resolver);
    drop(lab);
    let all_free = async {
        for socket in sockets {
            // The runtime lets go of the sockets when it comes round to the cancelled tasks.
            while TcpStream::connect(socket).await.is_ok() {
                tokio::task::yield_now().await;
            }
            let error = TcpStream::connect(socket).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            assert!(TcpListener::bind(socket).is_ok(), "{socket}");
        }
        assert!(UdpSocket::bind(resolver).is_ok());
    };
    timeout(Duration::from_secs(30), all_free).await.unwrap();
}
