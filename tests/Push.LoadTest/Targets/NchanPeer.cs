using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;
using Push.TestKit;
using Push.TestKit.Network;

namespace Push.LoadTest.Targets;

/// <summary>nginx with nchan (Debian: libnginx-mod-nchan), one worker; publications are POSTed.</summary>
internal static class NchanPeer
{
    public const string Name = "nchan";

    private static readonly string[] Modules =
        ["/usr/lib/nginx/modules/ngx_nchan_module.so", "/usr/lib64/nginx/modules/ngx_nchan_module.so"];

    public static async Task<Target> StartAsync(CancellationToken cancellationToken)
    {
        var port = FreePort.Take();
        var module = Modules.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("nchan is missing: apt-get install libnginx-mod-nchan");
        var folder = new PrivateFolder(Name);
        var configuration = folder.Write(
            "nginx.conf",
            $$"""
            load_module {{module}};
            daemon off;
            worker_processes 1;
            pid {{folder.Path}}/nginx.pid;
            error_log stderr error;
            worker_rlimit_nofile 20000;
            events { worker_connections 19990; }
            http {
              access_log off;
              client_body_temp_path {{folder.Path}}/body;
              proxy_temp_path {{folder.Path}}/proxy;
              fastcgi_temp_path {{folder.Path}}/fastcgi;
              uwsgi_temp_path {{folder.Path}}/uwsgi;
              scgi_temp_path {{folder.Path}}/scgi;
              keepalive_requests 100000000;
              nchan_shared_memory_size 256M;
              server {
                listen 127.0.0.1:{{port}} backlog=4096;
                location ~ ^/pub/(.+)$ {
                  nchan_publisher http;
                  nchan_channel_id $1;
                  nchan_message_buffer_length 64;
                  nchan_message_timeout 30s;
                }
                location ~ ^/sub/(.+)$ {
                  nchan_subscriber websocket;
                  nchan_channel_id $1;
                  nchan_subscriber_first_message newest;
                }
              }
            }
            """);
        var server = await PeerProgram.StartAsync("nginx", ["-p", folder.Path, "-c", configuration, "-e", "stderr"], folder, port, cancellationToken);
        return new Target
        {
            Name = Name,
            EndPoints = [$"127.0.0.1:{port}"],
            Path = "/sub/{room}",
            Publisher = new PublisherSetup { Kind = PublisherKind.Nchan, Server = $"127.0.0.1:{port}" },
            Roles = [new ProcessRole(Name, [.. ProcFile.ByPort(port)])],
            PrimaryRole = Name,
            Owned = [server],
        };
    }
}
