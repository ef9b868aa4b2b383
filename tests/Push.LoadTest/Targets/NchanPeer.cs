using Push.LoadTest.Processes;
using Push.LoadTest.Publishing;

namespace Push.LoadTest.Targets;

/// <summary>nginx with nchan (Debian: libnginx-mod-nchan), one worker; publications are POSTed.</summary>
internal static class NchanPeer
{
    public const string Name = "nchan";

    private static readonly string[] Modules =
        ["/usr/lib/nginx/modules/ngx_nchan_module.so", "/usr/lib64/nginx/modules/ngx_nchan_module.so"];

    public static async Task<Target> StartAsync(CancellationToken cancellationToken)
    {
        var port = ServerProcess.FreePort();
        var folder = ServerProcess.NewFolder();
        var configuration = Path.Combine(folder, "nginx.conf");
        var module = Modules.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("nchan is missing: apt-get install libnginx-mod-nchan");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            load_module {{module}};
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log stderr error;
            worker_rlimit_nofile 20000;
            events { worker_connections 19990; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
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
            """,
            cancellationToken);
        var server = await ServerProcess.StartAsync("nginx", folder, port, cancellationToken, "-p", folder, "-c", configuration, "-e", "stderr");
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
