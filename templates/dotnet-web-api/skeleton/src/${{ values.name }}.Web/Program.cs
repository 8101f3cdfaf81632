using Service;

var port = Environment.GetEnvironmentVariable("PORT") ?? "8080";
await App.Build(args, $"http://*:{port}").RunAsync();
