using System.Globalization;
using Push.LoadTest.Baseline;
using Push.LoadTest.CommandLine;
using Push.LoadTest.EdgeOnly;
using Push.LoadTest.Publishing;
using Push.LoadTest.Subscribing;
using Push.LoadTest.Targets;

return args.FirstOrDefault() switch
{
    SubscriberProcess.Verb => SubscriberProcess.Run(),
    PublisherProcess.Verb => await PublisherProcess.RunAsync(),
    BaselineServer.Verb => BaselineServer.Run(int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture)),
    OtlpSink.Verb => await OtlpSink.RunAsync(),
    EdgeOnlyHost.Verb => await EdgeOnlyHost.RunAsync(int.Parse(args[1], CultureInfo.InvariantCulture)),
    _ => await Commands.RunAsync(args),
};
